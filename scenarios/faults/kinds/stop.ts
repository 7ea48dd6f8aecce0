import { z } from 'zod';
import { duration } from '../../../pipeline/contracts/units.ts';
import { whileStanding } from '../standing.ts';
import { takenOver } from './heir.ts';
import { type FaultKind, Witness } from './kind.ts';

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
    await whileStanding(name, world, async () => {
      const still = await world.becomes(async () => (await stack.state(name)).status === 'stopped', 10_000);
      witness.note(
        before.status === 'running' && still,
        `${name} (${before.incarnation}) ran, and stood still`,
      );
      const heir = `${name}-2`;
      if (stack.roles.includes(heir)) {
        // So that some lie in the partitions of the one that stands still.
        await world.flow(A_PILE);
        const records = await takenOver(name, { forMs: down, withinMs: HEIR_WITHIN_MS }, world);
        witness.note(
          records !== undefined,
          `${heir} came past all that lay before the group, ${records} records, while ${name} stood still`,
        );
      } else await world.sleep(down);
      const { status } = await stack.state(name);
      witness.note(status === 'stopped', `${name} still stood still at the end`);
    });
    const on = await world.becomes(async () => (await stack.state(name)).status === 'running', 10_000);
    const same = (await stack.state(name)).incarnation === before.incarnation;
    witness.note(on && same, `${name} went on, the same process as before`);
    return [witness.evidence()];
  },
};

/** Records, of all topics together. */
const A_PILE = 300;
/** A rebalance can take its time on a busy machine. */
const HEIR_WITHIN_MS = 60_000;
