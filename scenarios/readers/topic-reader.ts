/** A record as the checker reads it: by code of its own, not the pipeline's. */
export interface SeenRecord {
  readonly partition: number;
  readonly offset: number;
  /** Unix time, ms. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** Reads topics, partition by partition in offset order, committed records only. */
export interface TopicReader {
  partitions(topic: string): number;
  records(topic: string): Iterable<SeenRecord> | AsyncIterable<SeenRecord>;
  close(): void | Promise<void>;
}

/** The offset from which each partition of a topic is read, by topic; what is not named is read from its beginning. */
export type StartOffsets = ReadonlyMap<string, readonly number[]>;

/** Where a record stands, for people: `tracking_raw 2@1834`. */
export function recordPlace(
  topic: string,
  { partition, offset }: Pick<SeenRecord, 'partition' | 'offset'>,
): string {
  return `${topic} ${partition}@${offset}`;
}
