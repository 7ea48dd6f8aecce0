/**
 * The event log port: topics, partitions, consumer groups and transactions as Kafka has them, no more than
 * Kafka gives and no less than the delivery protocol needs. Every implementation passes `event-log.contract.ts`.
 *
 * Offsets are safe integers. They can have gaps: on Kafka, transaction markers take offsets.
 * Readers see committed records only.
 */

/** A topic as it must be. `ensureTopics` creates it or checks that it is so. */
export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** `compact` keeps the newest record of each key. */
  readonly cleanup: 'delete' | 'compact';
  /** How long records are kept, ms; undefined: for ever. */
  readonly retentionMs?: number | undefined;
  /** How many bytes a partition keeps at least; undefined: all. */
  readonly retentionBytes?: number | undefined;
  /** The largest value, bytes. A larger one is refused with RECORD_TOO_LARGE. */
  readonly maxRecordBytes: number;
}

/** A record as it is written. The partition is always explicit: no producer chooses one by itself. */
export interface OutRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: Buffer | null;
  /** Null is a tombstone, for compacted topics only. */
  readonly value: Buffer | null;
  /** Unix time, ms. */
  readonly timestamp: number;
}

/** A record as it is read. */
export interface LogRecord {
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Unix time, ms. */
  readonly timestamp: number;
}

/** Consecutive records of one partition. */
export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  /** In offset order, never empty. */
  readonly records: readonly LogRecord[];
  /** Where reading goes on: past the last record and whatever markers follow it. */
  readonly nextOffset: number;
}

/** Where a partition begins and ends. */
export interface PartitionEnds {
  readonly partition: number;
  /** The first offset still kept. */
  readonly start: number;
  /** The offset that the next committed record gets or exceeds. */
  readonly end: number;
}

/** Offsets of a partition: `from` inclusive, `to` exclusive. */
export interface OffsetRange {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/** How far a group has come: offsets by partition, to be committed with a transaction's records. */
export interface GroupOffsets {
  readonly group: string;
  readonly topic: string;
  readonly offsets: readonly { readonly partition: number; readonly offset: number }[];
}

/**
 * The one living producer of a transactional id. Making it (see `EventLog.claim`) fenced its predecessor and
 * ended that one's open transaction. One transaction at a time; not to be shared.
 */
export interface TransactionalProducer {
  readonly transactionalId: string;
  /**
   * Writes all records and offsets, or none. Resolves when they are committed.
   *
   * @throws ClickproofError FENCED another producer has claimed the id; nothing was written. Final.
   * @throws ClickproofError OUTCOME_UNKNOWN written or not, nobody can say. Claim again and read the offset.
   * @throws ClickproofError RECORD_TOO_LARGE a value exceeds its topic's limit; nothing was written. It is a `RecordTooLarge`,
   * which says whose.
   * After any error the producer is of no more use: close it and claim again.
   */
  commit(transaction: { records: readonly OutRecord[]; offsets?: GroupOffsets }): Promise<void>;
  close(): Promise<void>;
}

/** What a consumer does with one partition for as long as it is assigned. */
export interface PartitionHandler {
  /**
   * Called before the first batch of every assignment, and again after every error of `claim` or `process`.
   * Fences whoever had the partition before, then returns the offset to read from.
   */
  claim(context: PartitionContext): Promise<number>;
  /**
   * Handles one batch. When it resolves, the next batch begins at `nextOffset`; when it throws, the consumer backs off and
   * calls `claim` again. Never called concurrently for one partition.
   */
  process(batch: RecordBatch, context: PartitionContext): Promise<void>;
  /** The partition is no longer assigned, or the consumer stops. No call is under way. */
  release?(): Promise<void>;
}

export interface PartitionContext {
  readonly topic: string;
  readonly partition: number;
  /** How many partitions the topic has. */
  readonly partitions: number;
  /** Aborted when the partition is revoked or the consumer stops: finish nothing, commit nothing. */
  readonly signal: AbortSignal;
  /**
   * Commits the group's offset without a transaction: for sinks, after the write was acknowledged.
   *
   * @throws ClickproofError FENCED the group has moved on to another generation; nothing was committed.
   */
  commitOffset(offset: number): Promise<void>;
}

export interface ConsumerOptions {
  readonly group: string;
  readonly topic: string;
  /** Makes the handler of a newly assigned partition. */
  handler(partition: number): PartitionHandler;
  readonly maxBatchRecords?: number | undefined;
  readonly maxBatchBytes?: number | undefined;
  /** How long to wait for more records before a batch that is not full is handed over, ms. */
  readonly lingerMs?: number | undefined;
  /**
   * Told of every error that made the consumer claim again. It goes on by itself, backing off to at most 5 s.
   * Partition -1: an error of the membership as a whole (joining, heartbeat).
   */
  onError?(error: unknown, where: { topic: string; partition: number }): void;
}

/** A running member of a consumer group. */
export interface Consumer {
  /** The partitions it holds now. */
  assignment(): readonly number[];
  /**
   * Resolves when the consumer has stopped; rejects when it cannot go on: an error with code
   * REFUSED thrown by a handler is final, everything else is tried again.
   */
  readonly done: Promise<void>;
  /** Lets the batch in hand finish, leaves the group, releases the partitions. Safe to call twice. */
  stop(): Promise<void>;
}

export interface EventLog {
  readonly kind: 'embedded' | 'kafka';

  /**
   * Creates the topics that are missing and checks those that are there.
   *
   * @throws ClickproofError TOPIC_MISMATCH a topic exists with other settings, both named.
   */
  ensureTopics(topics: readonly TopicSpec[]): Promise<void>;

  /** How many partitions a topic has. @throws ClickproofError TOPIC_MISSING */
  partitions(topic: string): Promise<number>;

  /** Start and end of each partition, as a reader of committed records sees them. */
  ends(topic: string): Promise<PartitionEnds[]>;

  /** The group's committed offset of each partition; null where it has none. */
  committed(group: string, topic: string): Promise<(number | null)[]>;

  /**
   * Makes the one living producer of a transactional id. When this resolves, the predecessor is fenced and its
   * open transaction ended: an offset read from now on is final.
   */
  claim(transactionalId: string): Promise<TransactionalProducer>;

  /** Joins a group. Sessions, heartbeats and back-off are the implementation's. */
  consume(options: ConsumerOptions): Consumer;

  /**
   * Reads a partition from an offset to its end as it was at the call (or to `to`, exclusive), outside any group.
   *
   * @throws ClickproofError OFFSET_OUT_OF_RANGE `from` is below the start or above the end.
   */
  read(from: { topic: string; partition: number; offset: number; to?: number }): AsyncIterable<RecordBatch>;

  /**
   * How far it is from an offset to another, exclusive: 0 exactly when no committed record is between them. Otherwise the difference,
   * with whatever markers and aborted records there are. Where an implementation leaves it out, `read` answers it.
   */
  lagBetween?(range: OffsetRange): Promise<number>;

  close(): Promise<void>;
}
