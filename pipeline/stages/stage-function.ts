import type { FailedMessage, FailureError, FailureType } from '../contracts/messages.ts';

/** A record of the log with where it was read: all that a stage function sees. */
export interface SourceRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Unix time, ms. */
  readonly timestamp: number;
}

/** What became of one record. */
export interface StageResult {
  /**
   * Messages for the next topic, in order; written as JSON, a Buffer being JSON text already. A null key keeps the record's
   * place in the partitions.
   */
  readonly outputs: readonly { readonly key: Buffer | null; readonly message: object | Buffer }[];
  readonly failed: readonly FailedMessage[];
  /** What to count the record as: `processed`, `failed`, `refused`, `ignored: health`. Low cardinality. */
  readonly count: string;
}

/** A stage: a pure function of one record. What it throws is kept as a `stage_error`; nothing blocks the partition. */
export type StageFunction = (record: SourceRecord) => StageResult;

/** A failure whose timestamp and source are the record's, so that a replay makes the same message. */
export function failedMessage(
  record: SourceRecord,
  failure: { type: FailureType; stage: string; errors: FailureError[]; payload?: FailedMessage['payload'] },
): FailedMessage {
  return {
    failure: {
      type: failure.type,
      stage: failure.stage,
      errors: failure.errors,
      timestamp: instant(record.timestamp),
    },
    payload: failure.payload === undefined ? (record.value?.toString() ?? null) : failure.payload,
    source: { topic: record.topic, partition: record.partition, offset: record.offset },
  };
}

/** ISO 8601; a time that no Date can hold is taken as the epoch. */
function instant(timestamp: number): string {
  const date = new Date(timestamp);
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}
