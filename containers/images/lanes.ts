/**
 * Works on items in their order, so many at a time. When one fails no further one is begun, those under way are told by their signal, and
 * the failure is thrown when they have ended.
 */
export async function inLanes<T>(
  lanes: number,
  items: readonly T[],
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const left = [...items];
  const lane = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      if (failed.signal.aborted) return;
      await work(item, failed.signal).catch((error: unknown) => failed.abort(error));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  // What the first failed for; what the others say follows from their having been told to stop.
  failed.signal.throwIfAborted();
}

/** The same work, never two at a time. */
export function oneByOne<A extends readonly unknown[]>(
  work: (...args: A) => Promise<void>,
): (...args: A) => Promise<void> {
  let before: Promise<unknown> = Promise.resolve();
  return (...args) => {
    const now = before.then(() => work(...args));
    before = now.catch(() => {});
    return now;
  };
}
