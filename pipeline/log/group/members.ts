import { setTimeout as delay } from 'node:timers/promises';
import type { ConsumerOptions } from '../port.ts';
import type { Holding, PartitionRunner } from './partition-runner.ts';

/** The partitions that a member holds now. */
export function held(runners: ReadonlyMap<number, PartitionRunner<Holding>>): number[] {
  return [...runners].filter(([, runner]) => runner.holds).map(([partition]) => partition);
}

/**
 * Lets batches in hand finish, for a while; then tells the handlers to give up, and waits a little for that, too.
 *
 * @param before what is ending already
 * @returns when all has ended, whatever that takes
 */
export async function endRunners(
  runners: Iterable<PartitionRunner<Holding>>,
  before: readonly Promise<void>[],
  { drainTimeoutMs, sessionTimeoutMs }: { drainTimeoutMs: number; sessionTimeoutMs: number },
): Promise<{ readonly ended: Promise<unknown> }> {
  const all = [...runners];
  for (const runner of all) runner.drain();
  const ended = Promise.all([...all.map((runner) => runner.done), ...before]);
  if (!(await within(drainTimeoutMs, ended))) {
    for (const runner of all) runner.revoke();
    await within(sessionTimeoutMs, ended);
  }
  return { ended };
}

/** Tells whoever consumes of an error; -1: of the membership as a whole. */
export function reporter(
  { onError, topic }: ConsumerOptions,
  explain: (error: unknown) => unknown = (error) => error,
): (error: unknown, partition: number) => void {
  return (error, partition) => {
    try {
      onError?.(explain(error), { topic, partition });
    } catch {
      // Whoever is told of an error must not end the consumer by another.
    }
  };
}

/** True when the promise has resolved within the time. */
export async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const done = await Promise.race([
    promise.then(() => true),
    delay(ms, false, { signal: timer.signal }).catch(() => false),
  ]);
  timer.abort();
  return done;
}
