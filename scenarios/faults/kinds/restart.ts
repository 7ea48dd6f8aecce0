import { z } from 'zod';
import { duration } from '../../../pipeline/contracts/units.ts';
import { comeBack } from './come-back.ts';
import { type FaultKind, Witness } from './kind.ts';

const fields = z.strictObject({
  restart: z
    .string()
    .describe('The role or server that is told to end, as for an upgrade, and started again'),
  down: duration.default(100).describe('How long it stays down'),
});

/** An orderly end and a new start. */
export const restart: FaultKind<typeof fields> = {
  fields,
  touches: ({ restart: name }) => [name],
  async inject({ restart: name, down }, world) {
    const { stack } = world;
    const witness = new Witness(world, { table: 'faults', fault: 'restart', where: name });
    const before = await stack.state(name);
    await stack.halt(name);
    const { status, killed } = await stack.state(name);
    witness.note(
      before.status === 'running' && status === 'down' && killed !== true,
      `${name} (${before.incarnation}) ran, and has ended when it was asked to`,
    );
    await world.sleep(down);
    await comeBack(name, before, witness, world);
    return [witness.evidence()];
  },
};
