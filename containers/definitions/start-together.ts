import { setTimeout as sleep } from 'node:timers/promises';
import { removeStarted } from '../engine/index.ts';
import type { ContainerContext } from './context.ts';

/** A start each: what is no promise is not started. */
type Starting<T extends readonly unknown[]> = { readonly [K in keyof T]: Promise<T[K]> | T[K] };

/**
 * Starts containers of a run all at once. If one does not get ready, or the context's signal gives them up, nothing that this process has
 * started of the run is left.
 *
 * @throws what the first could not start for; the signal's reason
 */
export async function startTogether<const T extends readonly unknown[]>(
  context: ContainerContext,
  start: (context: ContainerContext) => Starting<T>,
): Promise<T> {
  const failed = new AbortController();
  const signal = AbortSignal.any(context.signal ? [context.signal, failed.signal] : [failed.signal]);
  const starting = start({ ...context, signal });
  try {
    return await unlessAborted(Promise.all(starting) as unknown as Promise<T>, signal);
  } catch (error) {
    failed.abort(error);
    await abandon(context, starting);
    throw error;
  }
}

const AGAIN_MS = 100;

/** Removes everything of the run, that which is still starting, too: nobody waits for it to get ready. */
async function abandon({ engine, run }: ContainerContext, starting: readonly unknown[]): Promise<void> {
  let settled = false;
  void Promise.allSettled(starting).then(() => {
    settled = true;
  });
  while (!settled) {
    await removeStarted(engine, run).catch(() => {}); // another container came meanwhile
    await sleep(AGAIN_MS);
  }
  await removeStarted(engine, run);
}

/** @throws the signal's reason */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const give = () => reject(signal.reason);
  if (signal.aborted) give();
  signal.addEventListener('abort', give);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', give);
  }
}
