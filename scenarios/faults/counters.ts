import type { FaultWorld } from './kinds/kind.ts';

const ANSWERS_WITHIN_MS = 30_000;

/** What a role counts under one of some names, everywhere in what it says of itself, added up; undefined while it does not answer. */
export async function counted(
  role: string,
  names: string | readonly string[],
  { stack }: FaultWorld,
): Promise<number | undefined> {
  const stats = await stack.stats(role);
  // The second of two processes of a stage has its name with a number.
  const stage = role.replace(/-\d+$/, '');
  return Object.keys(stats).length === 0 ? undefined : sumOf(stats[stage] ?? stats, [names].flat());
}

/** The same, by which a later look is measured: of a role that does not answer it is waited for. */
export async function countedSoFar(role: string, name: string, world: FaultWorld): Promise<number> {
  let so: number | undefined;
  await world.becomes(async () => {
    so = await counted(role, name, world);
    return so !== undefined;
  }, ANSWERS_WITHIN_MS);
  // Whatever it counts later: that it is more than this cannot be said.
  return so ?? Number.POSITIVE_INFINITY;
}

/** How much more it has counted since; less than nothing where it has begun anew, or does not answer. */
export async function countedSince(
  before: number,
  role: string,
  name: string,
  world: FaultWorld,
): Promise<number> {
  return ((await counted(role, name, world)) ?? 0) - before;
}

function sumOf(value: unknown, names: readonly string[]): number {
  if (typeof value !== 'object' || value === null) return 0;
  let sum = 0;
  for (const [key, one] of Object.entries(value)) {
    sum += names.includes(key) && typeof one === 'number' ? one : sumOf(one, names);
  }
  return sum;
}
