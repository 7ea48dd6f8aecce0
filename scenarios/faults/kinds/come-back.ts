import type { ProcessState } from '../../../containers/controlled-stack.ts';
import type { FaultWorld, Witness } from './kind.ts';

/** Starts what is down, and notes that it is another process than before. */
export async function comeBack(
  name: string,
  before: ProcessState,
  witness: Witness,
  { stack }: FaultWorld,
): Promise<void> {
  await stack.start(name);
  const after = await stack.state(name);
  const another = after.status === 'running' && after.incarnation !== before.incarnation;
  witness.note(another, `${name} (${after.incarnation}) runs in its place`);
}
