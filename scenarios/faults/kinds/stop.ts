import { z } from 'zod';
import { duration } from '../../../pipeline/contracts/units.ts';
import { groupOf } from '../names.ts';
import { type FaultKind, type FaultWorld, Witness } from './kind.ts';

const fields = z.strictObject({
  stop: z.string().describe('The role or server that is stopped (SIGSTOP) and goes on later (SIGCONT)'),
  down: duration
    .default(9_000)
    .describe(
      'How long it stands still: by default past the session of a consumer (6 s), which makes it a zombie',
    ),
});

/**
 * SIGSTOP and, later, SIGCONT: what hangs, is given up by the others, and goes on as if nothing had been. Where a second process shares
 * the stage it must be seen to take over.
 */
export const stop: FaultKind<typeof fields> = {
  fields,
  touches: ({ stop: name }) => [name],
  async inject({ stop: name, down }, world) {
    const { stack } = world;
    const witness = new Witness(world, { table: 'faults', fault: 'SIGSTOP', where: name });
    const before = await stack.state(name);
    await stack.pause(name);
    try {
      const still = await world.becomes(async () => (await stack.state(name)).status === 'stopped', 10_000);
      witness.note(
        before.status === 'running' && still,
        `${name} (${before.incarnation}) ran, and stood still`,
      );
      const heir = `${name}-2`;
      if (stack.roles.includes(heir)) {
        witness.note(
          await takenOver(name, down, world),
          `${heir} caught up with what ${name} had left behind`,
        );
      } else await world.sleep(down);
      const { status } = await stack.state(name);
      witness.note(status === 'stopped', `${name} still stood still at the end`);
    } finally {
      // It would hear nothing of the end of the run.
      await stack.resume(name);
    }
    const on = await world.becomes(async () => (await stack.state(name)).status === 'running', 10_000);
    const same = (await stack.state(name)).incarnation === before.incarnation;
    witness.note(on && same, `${name} went on, the same process as before`);
    return [witness.evidence()];
  },
};

const LOOK_EVERY_MS = 500;

/** A rebalance can take its time on a busy machine. */
const HEIR_WITHIN_MS = 40_000;

/** Waits, at least so long, until the stage's group, which falls behind meanwhile, has caught up again; false when it has not. */
async function takenOver(name: string, forMs: number, world: FaultWorld): Promise<boolean> {
  const group = groupOf(world.stack, name);
  const began = world.now();
  let most = 0;
  for (;;) {
    await world.sleep(LOOK_EVERY_MS);
    // A look that fails, on a busy machine, is one look less.
    const behind = await world.stack.progress().then(
      ({ lag }) => lag[group] ?? 0,
      () => undefined,
    );
    const gone = world.now() - began;
    if (behind !== undefined) {
      most = Math.max(most, behind);
      if (gone >= forMs && behind < most / 3) return true;
    }
    if (gone >= forMs + HEIR_WITHIN_MS) return false;
  }
}
