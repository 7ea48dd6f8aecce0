import { type BatchLimits, type BatchSource, recordBytes } from '../group/batches.ts';
import type { LogRecord, RecordBatch } from '../port.ts';

/**
 * How long a batch that is not full waits for what the broker has already. The marker behind a transaction's records is often an answer
 * of its own, and a batch that ends past it leaves no lag.
 */
const REST_MS = 50;
const IDLE_MS = 60_000;

/** What has been fetched of one partition and not been handed over; one for each claim. */
export class PartitionBuffer implements BatchSource {
  readonly idleMs = IDLE_MS;
  readonly topic: string;
  readonly partition: number;
  readonly #limits: BatchLimits;
  /** Told when there is room again. */
  readonly #drained: () => void;
  #records: LogRecord[] = [];
  #bytes = 0;
  /** Past everything fetched, markers too. */
  #position: number;
  /** Where the partition ended when it was last looked at. */
  #end = 0;
  #error: unknown;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(topic: string, partition: number, offset: number, limits: BatchLimits, drained: () => void) {
    this.topic = topic;
    this.partition = partition;
    this.#position = offset;
    this.#limits = limits;
    this.#drained = drained;
  }

  /** Where it is to be fetched next. */
  get position(): number {
    return this.#position;
  }

  /** False while there is a whole batch that nobody has taken: a slow handler makes no memory grow. */
  get hasRoom(): boolean {
    return (
      !this.#closed &&
      this.#error === undefined &&
      this.#records.length < this.#limits.maxRecords &&
      this.#bytes < this.#limits.maxBytes
    );
  }

  /** True when there is nothing to take, not even an error. */
  get empty(): boolean {
    return this.#records.length === 0 && this.#error === undefined;
  }

  /** True when waiting longer would not make the batch any larger. */
  get full(): boolean {
    const { maxRecords, maxBytes } = this.#limits;
    return this.#records.length >= maxRecords || this.#bytes >= maxBytes || this.#error !== undefined;
  }

  /** True when everything that is known to be there has come, with the markers behind it. */
  get caughtUp(): boolean {
    return this.#position >= this.#end;
  }

  get restMs(): number {
    return this.caughtUp ? 0 : REST_MS;
  }

  offer(records: readonly LogRecord[], nextOffset: number, end: number): void {
    if (this.#closed) return;
    this.#position = nextOffset;
    this.#end = end;
    if (records.length === 0) {
      if (this.#records.length > 0) this.#wake?.();
      return;
    }
    let bytes = 0;
    for (const record of records) bytes += recordBytes(record);
    const kept = owned(records, bytes);
    this.#records = this.#records.length === 0 ? [...kept] : [...this.#records, ...kept];
    this.#bytes += bytes;
    this.#wake?.();
  }

  /** The partition cannot be read on from here. */
  fail(error: unknown): void {
    this.#error ??= error;
    this.#wake?.();
  }

  close(): void {
    this.#closed = true;
    this.#records = [];
  }

  /** A batch out of what is there. @throws what the buffer failed with, once everything before is taken */
  take(): RecordBatch {
    if (this.#records.length === 0) throw this.#error;
    const { maxRecords, maxBytes } = this.#limits;
    let count = 0;
    let bytes = 0;
    for (const record of this.#records) {
      const size = recordBytes(record);
      if (count === maxRecords || (count > 0 && bytes + size > maxBytes)) break;
      count++;
      bytes += size;
    }
    const records = this.#records.slice(0, count);
    this.#records = this.#records.slice(count);
    this.#bytes -= bytes;
    this.#drained();
    return {
      topic: this.topic,
      partition: this.partition,
      records,
      nextOffset: this.#records[0]?.offset ?? this.#position,
    };
  }

  /** Resolves when there is more than before, or the time is up, or the signal aborts. */
  async change(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.min(ms, 2 ** 31 - 1));
    const wake = () => resolve();
    signal.addEventListener('abort', wake);
    this.#wake = wake;
    await promise;
    this.#wake = undefined;
    clearTimeout(timer);
    // The signal lives as long as the assignment, which sees many batches.
    signal.removeEventListener('abort', wake);
  }
}

/** A whole answer that is kept alive may be so many times what is kept of it. */
const WORTH_COPYING = 4;

/**
 * Records are views on the answer they came in, which holds those of other partitions too: where they are little of it they are copied,
 * or a partition whose handler is slow would keep megabytes for a few bytes.
 */
function owned(records: readonly LogRecord[], bytes: number): readonly LogRecord[] {
  const answer = records.find(({ value }) => value !== null && value.length > 0)?.value?.buffer.byteLength;
  if (answer === undefined || answer <= WORTH_COPYING * bytes) return records;
  return records.map(({ key, value, ...rest }) => ({
    ...rest,
    key: key && Buffer.from(key),
    value: value && Buffer.from(value),
  }));
}
