import { z } from 'zod';
import { countedSince, countedSoFar } from '../counters.ts';
import { requireOwn } from '../own.ts';
import { whileStanding } from '../standing.ts';
import { openSnapshots } from '../stores/open-snapshots.ts';
import { behindBy, type Marks, type ProfileSnapshots } from '../stores/profile-snapshots.ts';
import { RedisSnapshots } from '../stores/redis-snapshots.ts';
import { type FaultKind, type FaultWorld, Witness } from './kind.ts';

const fields = z.strictObject({
  profiles: z
    .enum(['set back', 'lost'])
    .describe('The profile store falls back to an older state of itself, or loses everything'),
  by: z
    .enum(['itself', 'a crash'])
    .default('itself')
    .describe('While it goes on; or, of Redis, by a kill after which it starts with what its disk has'),
  records: z.number().int().positive().default(600).describe('How many records older it is'),
});

/** Longer than it takes the persister to come by every partition while traffic flows. */
const MOVES_WITHIN_MS = 60_000;
/** A persister that folds again stands nowhere for so long. */
const FOLDS_STILL_MS = 60_000;

/** What profiles are kept in forgets, while they are used. What it lost must be folded again from the log. */
export const profileLoss: FaultKind<typeof fields> = {
  fields,
  touches: ({ by }) => (by === 'a crash' ? ['profiles', 'redis'] : ['profiles']),
  async inject({ profiles: what, by, records }, world) {
    const { stack } = world;
    requireOwn(stack, 'profiles');
    const where = stack.profiles?.kind === 'redis' ? 'redis' : 'persister';
    const fault = `profiles ${what}${by === 'itself' ? '' : `, by ${by}`}`;
    const witness = new Witness(world, { table: 'faults', fault, where });
    const snapshots = openSnapshots(stack);
    try {
      const loss = { to: what === 'lost' ? 'nothing' : 'snapshot', records } as const;
      const lose = by === 'itself' ? inOneStep : byCrash;
      const refolded = await countedSoFar('persister', 'refolded', world);
      const { before, after } = await lose(snapshots, loss, world);
      witness.note(
        behindBy(after, before) > 0,
        `the profiles stood at ${show(before)}, and then at ${show(after)}`,
      );
      // A topic that other scenarios have filled takes long to fold: it may, as long as it gets on.
      const left = async () => behindBy(await snapshots.marks(), before);
      witness.note(
        await world.comesToNothing(left, FOLDS_STILL_MS),
        `they came to where they had been, and further: ${show(await snapshots.marks())}`,
      );
      const again = await countedSince(refolded, 'persister', 'refolded', world);
      witness.note(again > 0, `the persister folded ${again} records again`);
    } finally {
      await snapshots.close();
    }
    return [witness.evidence()];
  },
};

interface Loss {
  readonly to: 'snapshot' | 'nothing';
  readonly records: number;
}

interface Seen {
  readonly before: Marks;
  readonly after: Marks;
}

async function inOneStep(snapshots: ProfileSnapshots, { to, records }: Loss, world: FaultWorld) {
  await movedOn(snapshots, NOTHING, world);
  const taken = await snapshots.marks();
  await snapshots.take();
  await world.flow(records);
  await movedOn(snapshots, taken, world);
  const before = await snapshots.marks();
  return { before, after: await snapshots.setBack(to) };
}

/** Its file stays as it is while it goes on; it is killed, and starts with that. */
async function byCrash(snapshots: ProfileSnapshots, { to, records }: Loss, world: FaultWorld): Promise<Seen> {
  if (!(snapshots instanceof RedisSnapshots)) throw new Error('only Redis can be killed');
  const { stack } = world;
  await movedOn(snapshots, NOTHING, world);
  // While nobody writes, so that what is seen after the start is what it started with.
  const kept = await whileStanding('persister', world, async () => {
    if (to === 'nothing') await snapshots.setBack(to);
    await snapshots.forgetFromNow();
    return snapshots.marks();
  });
  await world.flow(records);
  await movedOn(snapshots, kept, world);
  return whileStanding('persister', world, async () => {
    const before = await snapshots.marks();
    await stack.kill('redis', 'SIGKILL');
    await stack.start('redis');
    return { before, after: await snapshots.marks() };
  });
}

const NOTHING: Marks = new Map();

/** Waits until more has been folded: the topics can be ahead of the persister. */
async function movedOn(snapshots: ProfileSnapshots, from: Marks, world: FaultWorld): Promise<void> {
  const sum = (marks: Marks) => [...marks.values()].reduce((all, mark) => all + mark, 0);
  await world.becomes(async () => sum(await snapshots.marks()) > sum(from), MOVES_WITHIN_MS);
}

function show(marks: Marks): string {
  return marks.size === 0 ? 'nothing' : [...marks.values()].join(', ');
}
