import { channel } from 'node:diagnostics_channel';

/** A server or a role that got ready: what it is called, and when it was begun and ready, ms as `performance.now()`. */
export interface TimedStart {
  readonly name: string;
  readonly began: number;
  readonly ready: number;
}

const STARTS = channel('clickproof.start');

/** Tells whoever listens how long a start took; one that fails is not told of. */
export async function timedStart<T>(name: string, start: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const started = await start();
  STARTS.publish({ name, began, ready: performance.now() } satisfies TimedStart);
  return started;
}

/** Listens to the starts of this process while something is done. */
export async function startsDuring<T>(
  work: () => Promise<T>,
): Promise<{ result: T; starts: readonly TimedStart[] }> {
  const starts: TimedStart[] = [];
  const listen = (message: unknown) => void starts.push(message as TimedStart);
  STARTS.subscribe(listen);
  try {
    return { result: await work(), starts };
  } finally {
    STARTS.unsubscribe(listen);
  }
}
