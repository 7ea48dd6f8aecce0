import type { Stack } from '../../containers/stack.ts';

/** What a pipeline's processes count of themselves, at one time. */
export interface Snapshot {
  /** Unix time, ms. */
  readonly at: number;
  readonly processes: readonly ProcessCounters[];
  /** What each consumer group had in front of it. */
  readonly backlog: readonly Backlog[];
  /** Bytes of the access log that were not shipped yet. */
  readonly unshippedBytes: number;
}

export interface ProcessCounters {
  /** As the stack calls it: `parser`, `parser-2`, `parser+flattener`. */
  readonly name: string;
  /** Undefined while it is down. */
  readonly pid: number | undefined;
  /** Empty where it did not answer. */
  readonly stats: Readonly<Record<string, unknown>>;
}

export interface Backlog {
  readonly group: string;
  readonly topic: string;
  readonly partitions: number;
  readonly records: number;
}

/** Asks every process of the stack what it counts. What was in front of it is asked first: what it takes meanwhile it has counted then. */
export async function snapshot(stack: Stack): Promise<Snapshot> {
  const { unshippedBytes } = await stack.progress();
  const backlog = await Promise.all(
    stack.readings.map(async (reading) => {
      const ends = await stack.ends(reading.topic);
      return { ...reading, partitions: ends.length, records: await stack.lag(reading, ends) };
    }),
  );
  const processes = await Promise.all(
    stack.roles.map(async (name) => ({ name, stats: (await stack.stats(name)) ?? {} })),
  );
  const pids = stack.pids();
  return {
    at: Date.now(),
    processes: processes.map((one) => ({ ...one, pid: pids.get(one.name) })),
    backlog,
    unshippedBytes,
  };
}
