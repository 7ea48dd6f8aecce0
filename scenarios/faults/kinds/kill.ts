import { z } from 'zod';
import { duration } from '../../../pipeline/contracts/units.ts';
import { comeBack } from './come-back.ts';
import { type FaultKind, losableFromNow, Witness } from './kind.ts';

const fields = z.strictObject({
  kill: z.string().describe('The role or server that is killed with SIGKILL'),
  down: duration.default(300).describe('How long it stays down, so that work piles up in front of it'),
});

/** SIGKILL, and a start some time later. */
export const kill: FaultKind<typeof fields> = {
  fields,
  touches: ({ kill: name }) => [name],
  async inject({ kill: name, down }, world) {
    const { stack } = world;
    const witness = new Witness(world, { table: 'faults', fault: 'SIGKILL', where: name });
    const before = await stack.state(name);
    const losable = losableFromNow(world);
    await stack.kill(name, 'SIGKILL');
    const gone = await world.becomes(async () => (await stack.state(name)).status === 'down', 10_000);
    witness.note(before.status === 'running' && gone, `${name} (${before.incarnation}) ran, and was gone`);
    witness.mayLose(losable());
    await world.sleep(down);
    const { status } = await stack.state(name);
    witness.note(status === 'down', `${name} was still gone ${down} ms later`);
    await comeBack(name, before, witness, world);
    return [witness.evidence()];
  },
};
