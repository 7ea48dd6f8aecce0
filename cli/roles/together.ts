import type { Role } from './run-role.ts';

/** Starts a role. The signal is aborted when there is no use in it any more: what it waits for may be given up. */
export type Starter = (signal: AbortSignal) => Promise<Role>;

/**
 * Several roles as one: it is ready when all are, and when one ends by an error, even while others are still starting, the others
 * are stopped and its error is what the whole ends with.
 */
export async function together(
  starters: readonly (readonly [name: string, start: Starter])[],
): Promise<Role> {
  const roles: (readonly [name: string, role: Role])[] = [];
  const givenUp = new AbortController();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const stopAll = async () => {
    const results = await Promise.allSettled(roles.map(([, role]) => role.stop()));
    const rejected = results.find((result) => result.status === 'rejected');
    if (rejected) throw rejected.reason;
  };
  try {
    for (const [name, start] of starters) {
      const starting = start(givenUp.signal);
      starting.then((role) => (givenUp.signal.aborted ? role.stop() : undefined)).catch(() => {});
      const role = await Promise.race([starting, failed.promise]);
      roles.push([name, role]);
      role.done.catch(failed.reject);
    }
  } catch (error) {
    givenUp.abort();
    await stopAll().catch(() => {});
    throw error;
  }
  const done = Promise.all(roles.map(([, role]) => role.done)).then(
    () => {},
    async (error) => {
      await stopAll().catch(() => {});
      throw error;
    },
  );
  return {
    done,
    stop: stopAll,
    stats: () => Object.fromEntries(roles.map(([name, role]) => [name, role.stats?.() ?? {}])),
  };
}
