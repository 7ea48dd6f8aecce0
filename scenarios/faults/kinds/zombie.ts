import { z } from 'zod';
import { countedSince } from '../counters.ts';
import { piledUp, takenOver } from './heir.ts';
import { type FaultKind, type FaultWorld, Witness } from './kind.ts';

const aStep = z.string().regex(/^[a-z-]+:(?:before|after)(@\d+)?$/, 'a step like commit:before@2');

const fields = z.strictObject({
  zombie: z
    .string()
    .describe('The role, of two processes a stage, that stands still at a step of its protocol'),
  step: aStep.describe('Where it stands still until the other has its partitions, and goes on from there'),
  heirStep: aStep
    .optional()
    .describe('Where the other stands still while the zombie goes on; by default it has caught up before'),
  behind: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('How many records, at least, lie before its group when it is started: what it has in hand'),
});

/** Longer than a session, and than a stage takes to come by a step while traffic flows. */
const WITHIN_MS = 90_000;

/**
 * A zombie with something in hand: it stands still at the step, alone in its group so that all partitions are its own; its heir is
 * started, waits for the end of its session and takes over; then it goes on, as if nothing had been.
 */
export const zombie: FaultKind<typeof fields> = {
  fields,
  touches: ({ zombie: role }) => [role],
  async inject({ zombie: role, step: at, heirStep, behind }, world) {
    const { stack } = world;
    const heir = `${role}-2`;
    const name = [`zombie at ${bare(at)}`, ...(heirStep ? [`heir at ${bare(heirStep)}`] : [])].join(', ');
    const witness = new Witness(world, { table: 'fail points', fault: name, where: role });
    await Promise.all([stack.halt(role), stack.halt(heir)]);
    if (behind !== undefined) {
      const { enough, records } = await piledUp(role, behind, WITHIN_MS, world);
      witness.note(enough, `${records} records lay before the group of ${role}`);
    }
    // It can stand still before it has said that it is ready.
    const starting: Promise<void>[] = [];
    const start = (one: string, environment: Record<string, string>) => {
      const started = stack.start(one, environment);
      // One that fails meanwhile is heard of at the end.
      started.catch(() => {});
      starting.push(started);
    };
    start(role, armed(role, at));
    const stoodStill = await world.becomes(() => isStopped(role, world), WITHIN_MS);
    const before = await stack.state(role);
    witness.note(stoodStill, `${role} (${before.incarnation}) stood still at ${at}`);
    try {
      start(heir, heirStep ? armed(role, heirStep) : {});
      if (heirStep) {
        const stands = await world.becomes(() => isStopped(heir, world), WITHIN_MS);
        witness.note(stands, `${heir} took over, and stood still at ${heirStep}`);
      } else {
        const records = await takenOver(role, { withinMs: WITHIN_MS }, world);
        witness.note(
          records !== undefined,
          `${heir} took over, and came past all that lay before the group, ${records} records`,
        );
      }
      const { status } = await stack.state(role);
      witness.note(status === 'stopped', `${role} stood still until then`);
      await stack.resume(role);
      // Only then is over what it had in mind, as a commit; until then its heir stands still, where it is to.
      const letGo = async () => (await countedSince(0, role, 'releases', world)) > 0;
      witness.note(
        await world.becomes(letGo, WITHIN_MS),
        `${role} went on with what it had in hand, and let go of the partition`,
      );
    } finally {
      await Promise.all([stack.resume(role), stack.resume(heir)]);
    }
    await Promise.all(starting);
    const after = await stack.state(role);
    witness.note(
      after.status === 'running' && after.incarnation === before.incarnation,
      `${role} went on, the same process as before`,
    );
    return [witness.evidence()];
  },
};

const bare = (at: string) => at.replace(/@\d+$/, '');

function armed(stage: string, at: string): Record<string, string> {
  return { CLICKPROOF_FAIL_POINTS: `${stage}.${at}=stop` };
}

async function isStopped(name: string, { stack }: FaultWorld): Promise<boolean> {
  return (await stack.state(name)).status === 'stopped';
}
