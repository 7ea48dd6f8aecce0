import { Backoff } from './backoff.ts';
import type { Diagnostics } from './running.ts';

/** What takes no longer need not be spoken of, ms. */
const QUIET_MS = 1_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/** A server that is starting, too, is asked again. */
export interface AskedAgain {
  /** For how long, ms; then the last error is thrown. */
  readonly timeoutMs: number;
  /** Whether what an attempt failed with may pass by itself. */
  passes(error: unknown): boolean;
  /** Gives it up. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits for a server, and lets people know: after a second what is waited for and what is in the way, and when it is there.
 *
 * @param server its name for people
 * @param place where it should be, without credentials
 * @param again by default what `work` fails with is thrown at once
 * @throws what `work` failed with last; the signal's reason when it is aborted
 *
 * @example
 * await waitingFor('Redis', 'redis://127.0.0.1:6379', diagnostics, () => connect());
 */
export async function waitingFor<T>(
  server: string,
  place: string,
  diagnostics: Diagnostics,
  work: () => Promise<T>,
  again?: AskedAgain,
): Promise<T> {
  let late = false;
  let said: 'nothing' | 'that it waits' | 'why' = 'nothing';
  let reason: unknown;
  const say = () => {
    if (!late || said === 'why') return;
    if (reason !== undefined) {
      said = 'why';
      diagnostics.warn(`waits for ${server}`, { at: place, error: reason });
    } else if (said === 'nothing') {
      said = 'that it waits';
      diagnostics.info(`waits for ${server}`, { at: place });
    }
  };
  const timer = setTimeout(() => {
    late = true;
    say();
  }, QUIET_MS);
  const failed = (error: unknown) => {
    reason = error;
    say();
  };
  try {
    const result = await (again ? untilItPasses(work, again, failed) : work());
    if (said !== 'nothing') diagnostics.info(`${server} is there`, { at: place });
    return result;
  } finally {
    clearTimeout(timer);
  }
}

async function untilItPasses<T>(
  work: () => Promise<T>,
  { timeoutMs, passes, signal }: AskedAgain,
  failed: (error: unknown) => void,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  const backoff = new Backoff(FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!passes(error) || performance.now() >= deadline) throw error;
      failed(error);
    }
    await backoff.wait(signal);
  }
}
