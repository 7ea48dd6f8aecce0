import type { FaultWorld } from './kinds/kind.ts';

/** Has a role stand still (SIGSTOP) while something is done; it goes on whatever comes of that. */
export async function whileStanding<T>(
  role: string,
  { stack }: FaultWorld,
  work: () => Promise<T>,
): Promise<T> {
  await stack.pause(role);
  try {
    return await work();
  } finally {
    await stack.resume(role);
  }
}
