/** What of a worker's counters is compared; what is not there was not counted. */
export interface WorkerCounters {
  readonly records?: number;
  readonly outputs?: number;
  readonly failed?: number;
  readonly classes?: Readonly<Record<string, number>>;
  readonly claims?: number;
  readonly errors?: number;
  /** By partition held. */
  readonly positions?: Readonly<Record<string, number>>;
}

/** How many records are counted in the classes that are meant, all together. */
export function inClasses(
  { classes }: WorkerCounters,
  isMeant: (name: string) => boolean,
): number | undefined {
  if (classes === undefined) return undefined;
  const meant = Object.entries(classes).filter(([name]) => isMeant(name));
  return meant.reduce((sum, [, count]) => sum + count, 0);
}

/**
 * Why a worker may count otherwise than the log shows, between two looks at it: an attempt whose outcome it never learnt is not
 * counted, whatever came of it. Undefined where there was none.
 */
export function unsureOf(before: WorkerCounters, after: WorkerCounters): string | undefined {
  const errors = (after.errors ?? 0) - (before.errors ?? 0);
  if (errors > 0) return `it came upon ${errors} errors`;
  const held = Object.keys(before.positions ?? {});
  const holds = Object.keys(after.positions ?? {});
  const claims = (after.claims ?? 0) - (before.claims ?? 0);
  const gained = holds.filter((partition) => !held.includes(partition)).length;
  const lost = held.filter((partition) => !holds.includes(partition)).length;
  return lost > 0 || claims !== gained ? 'its partitions changed hands' : undefined;
}
