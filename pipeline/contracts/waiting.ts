import type { Diagnostics } from './running.ts';

/** What takes no longer need not be spoken of, ms. */
const QUIET_MS = 1_000;

/**
 * Waits for a server, and lets people know: after a second what is waited for, and when it is there.
 *
 * @param server its name for people
 * @param place where it should be, without credentials
 *
 * @example
 * await waitingFor('Redis', 'redis://127.0.0.1:6379', diagnostics, () => connect());
 */
export async function waitingFor<T>(
  server: string,
  place: string,
  diagnostics: Diagnostics,
  work: () => Promise<T>,
): Promise<T> {
  let said = false;
  const timer = setTimeout(() => {
    said = true;
    diagnostics.info(`waits for ${server}`, { at: place });
  }, QUIET_MS);
  try {
    const result = await work();
    if (said) diagnostics.info(`${server} is there`, { at: place });
    return result;
  } finally {
    clearTimeout(timer);
  }
}
