import { z } from 'zod';
import { duration } from '../../../pipeline/contracts/units.ts';
import { type FaultKind, Witness } from './kind.ts';

const fields = z.strictObject({
  stop: z.string().describe('The role or server that is stopped (SIGSTOP) and goes on later (SIGCONT)'),
  down: duration
    .default(9_000)
    .describe(
      'How long it stands still: by default past the session of a consumer (6 s), which makes it a zombie',
    ),
});

/** SIGSTOP and, later, SIGCONT: what hangs, is given up by the others, and goes on as if nothing had been. */
export const stop: FaultKind<typeof fields> = {
  fields,
  async inject({ stop: name, down }, world) {
    const { stack } = world;
    const witness = new Witness(world, { table: 'faults', fault: 'SIGSTOP', where: name });
    const before = await stack.state(name);
    await stack.pause(name);
    const still = await world.becomes(async () => (await stack.state(name)).status === 'stopped', 10_000);
    witness.note(
      before.status === 'running' && still,
      `${name} (${before.incarnation}) ran, and stood still`,
    );
    try {
      await world.sleep(down);
      const { status } = await stack.state(name);
      witness.note(status === 'stopped', `${name} still stood still ${down} ms later`);
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
