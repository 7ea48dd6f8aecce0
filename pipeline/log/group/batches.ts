import type { ConsumerOptions, LogRecord, RecordBatch } from '../port.ts';

/** What a batch may hold. */
export interface BatchLimits {
  readonly maxRecords: number;
  /** Keys and values; a single larger record is still handed over. */
  readonly maxBytes: number;
}

const DEFAULT_MAX_RECORDS = 500;
const DEFAULT_MAX_BYTES = 4 << 20;

export function batchLimits({ maxBatchRecords, maxBatchBytes }: ConsumerOptions): BatchLimits {
  return {
    maxRecords: maxBatchRecords ?? DEFAULT_MAX_RECORDS,
    maxBytes: maxBatchBytes ?? DEFAULT_MAX_BYTES,
  };
}

/** What counts against `maxBytes`. */
export function recordBytes({ key, value }: LogRecord): number {
  return (key?.length ?? 0) + (value?.length ?? 0);
}

/** Where the batches of one partition come from, from one claim to the next. */
export interface BatchSource {
  /** Takes in what has come since, where that does not happen by itself. @throws what reading fails with */
  look?(): void;
  /** There is nothing to take, not even an error. */
  readonly empty: boolean;
  /** Waiting longer would not make the batch any larger. */
  readonly full: boolean;
  /** Until when a batch that is not full waits for what is there already, and is only on its way; ms after it was first seen. */
  readonly restMs: number;
  /** How long to wait at most for something to come, ms; then it is looked at again. */
  readonly idleMs: number;
  /** Resolves when there may be more, or the time is up, or the signal aborts. */
  change(ms: number, signal: AbortSignal): Promise<void>;
  /** A batch out of what is there. @throws what reading fails with, once everything before is taken */
  take(): RecordBatch;
}

/** Waits for the next batch, and lets it linger for more; undefined when the signal aborts. */
export async function nextBatch(
  source: BatchSource,
  lingerMs: number,
  signal: AbortSignal,
): Promise<RecordBatch | undefined> {
  // Handlers may be done without ever waiting for a timer or for I/O: heartbeats and other partitions come first.
  await new Promise(setImmediate);
  let seenAt: number | undefined;
  while (!signal.aborted) {
    source.look?.();
    if (source.empty) {
      await source.change(source.idleMs, signal);
      continue;
    }
    const now = performance.now();
    seenAt ??= now;
    const rest = seenAt + lingerMs + source.restMs - now;
    if (source.full || rest <= 0) return source.take();
    await source.change(rest, signal);
  }
  return undefined;
}
