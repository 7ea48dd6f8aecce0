import type { Role } from './run-role.ts';

/**
 * Several roles as one: it is ready when all are, and when one ends by itself the others are stopped and its error is what
 * the whole ends with.
 */
export async function together(
  starters: readonly (readonly [name: string, start: () => Promise<Role>])[],
): Promise<Role> {
  const roles: (readonly [name: string, role: Role])[] = [];
  const stopAll = async () => {
    const results = await Promise.allSettled(roles.map(([, role]) => role.stop()));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  };
  try {
    for (const [name, start] of starters) roles.push([name, await start()]);
  } catch (error) {
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
