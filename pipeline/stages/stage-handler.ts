import type { LogRecord, OutRecord, PartitionContext, PartitionHandler, RecordBatch } from '../log/port.ts';
import { headAndHash, type OutRecords } from './out-records.ts';
import type { PartitionWorker } from './partition-worker.ts';
import { MAX_RECORDS_PER_SEND } from './settings.ts';
import { failedMessage, type SourceRecord, type StageFunction, type StageResult } from './stage-function.ts';
import type { WorkerCounters } from './worker-stats.ts';

export interface StageHandlerOptions {
  readonly stage: string;
  readonly transform: StageFunction;
  readonly worker: PartitionWorker;
  readonly records: OutRecords;
  readonly counters: WorkerCounters;
  readonly transactionBytes: number;
  /** What a single record becomes is held in memory and committed together: at most so many bytes, by default 64 MiB. */
  readonly mostBytes?: number | undefined;
}

/**
 * Consume, transform, produce: one transaction holds what records became and the group's offset past them. Killed at any
 * point, the transaction is whole or nothing, and whoever claims the partition next reads the offset that goes with it.
 */
export class StageHandler implements PartitionHandler {
  readonly #options: StageHandlerOptions;
  readonly #mostBytes: number;

  constructor(options: StageHandlerOptions) {
    this.#options = options;
    this.#mostBytes = options.mostBytes ?? MOST_BYTES;
  }

  async claim(): Promise<number> {
    const { start } = await this.#options.worker.claim();
    return start;
  }

  async process(batch: RecordBatch, context: PartitionContext): Promise<void> {
    let transaction = new Transaction(this.#options.transactionBytes);
    for (const record of batch.records) {
      const { result, written } = this.#transform({
        ...record,
        topic: batch.topic,
        partition: batch.partition,
      });
      if (!transaction.fits(written)) {
        await this.#commit(transaction, record.offset, context);
        transaction = new Transaction(this.#options.transactionBytes);
      }
      transaction.add(result, written);
    }
    await this.#commit(transaction, batch.nextOffset, context);
  }

  async release(): Promise<void> {
    await this.#options.worker.release();
  }

  #transform(record: SourceRecord): { result: StageResult; written: OutRecord[] } {
    const { records } = this.#options;
    const result = attempt(this.#options.stage, this.#options.transform, record);
    const written: OutRecord[] = [];
    let bytes = 0;
    for (const made of becomes(records, record, result)) {
      bytes += made.value!.length;
      if (bytes > this.#mostBytes) return this.#tooMuch(record, result);
      written.push(made);
    }
    return { result, written };
  }

  /** Every event of a request carries the request along: one of a megabyte can ask for gigabytes. */
  #tooMuch(record: SourceRecord, { outputs, failed: failures }: StageResult) {
    const { stage, records } = this.#options;
    const messages = outputs.length + failures.length;
    const value = record.value ?? Buffer.alloc(0);
    const failed = failedMessage(record, {
      type: 'size_violation',
      stage,
      errors: [
        {
          code: 'too_many_messages',
          message: `would become ${messages} messages of more than ${this.#mostBytes} bytes together`,
        },
      ],
      payload: headAndHash(value.toString(), value),
    });
    return {
      result: { outputs: [], failed: [failed], count: 'failed' },
      written: [records.failure(record, failed)],
    };
  }

  async #commit(transaction: Transaction, offset: number, context: PartitionContext): Promise<void> {
    const { worker, counters } = this.#options;
    await worker.commit(transaction.records, offset, context);
    counters.wrote(transaction.sources, transaction.records, this.#options.records.failedTopic);
    for (const [name, times] of transaction.classes) counters.count(name, times);
    counters.positions.set(worker.place.partition, offset);
  }
}

/**
 * Many times what any tracker's batch comes to, and what a slow way to the event log still takes within a transaction's time (5 MB/s for
 * the 15 s of Kafka's): a record whose transaction always took too long would be claimed again without end.
 */
const MOST_BYTES = 64 << 20;

function* becomes(records: OutRecords, record: SourceRecord, result: StageResult): Generator<OutRecord> {
  for (const { key, message } of result.outputs) yield records.output(record, key, message);
  for (const failed of result.failed) yield records.failure(record, failed);
}

/** A record that a stage cannot bear does not block the partition: it is set aside with what was thrown. */
function attempt(stage: string, transform: StageFunction, record: SourceRecord): StageResult {
  try {
    return transform(record);
  } catch (error) {
    return { outputs: [], failed: [stageError(stage, record, error)], count: 'failed' };
  }
}

export function stageError(stage: string, record: LogRecord & SourceRecord, error: unknown) {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return failedMessage(record, { type: 'stage_error', stage, errors: [{ code: 'unexpected', message }] });
}

/** What is to be committed together. What a single record became is never cut. */
class Transaction {
  readonly records: OutRecord[] = [];
  readonly classes = new Map<string, number>();
  sources = 0;
  #bytes = 0;
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  fits(written: readonly OutRecord[]): boolean {
    if (this.sources === 0) return true;
    return (
      this.records.length + written.length <= MAX_RECORDS_PER_SEND &&
      this.#bytes + bytesOf(written) <= this.#maxBytes
    );
  }

  add(result: StageResult, written: readonly OutRecord[]): void {
    for (const record of written) this.records.push(record);
    this.#bytes += bytesOf(written);
    this.sources++;
    this.classes.set(result.count, (this.classes.get(result.count) ?? 0) + 1);
  }
}

function bytesOf(records: readonly OutRecord[]): number {
  let bytes = 0;
  for (const { key, value } of records) bytes += (key?.length ?? 0) + (value?.length ?? 0);
  return bytes;
}
