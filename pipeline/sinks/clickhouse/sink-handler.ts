import type { OutRecord, PartitionContext, PartitionHandler, RecordBatch } from '../../log/port.ts';
import type { PartitionWorker } from '../../stages/partition-worker.ts';
import type { SourceRecord } from '../../stages/stage-function.ts';
import type { WorkerParts } from '../../stages/worker.ts';
import { abortable } from './abortable.ts';
import type { Inserter, RefusedRow } from './inserter.ts';
import { RowBinaryWriter } from './row-binary.ts';

/** What one kind of record becomes. */
export interface SinkTable {
  /** Writes the record's row; throws, having written nothing that counts, when the record is no message of its topic. */
  encode(writer: RowBinaryWriter, record: SourceRecord): void;
  /** What to park of a record that has no row, or whose row ClickHouse refuses. Undefined: nothing, it lies there already. */
  park(record: SourceRecord, error: Error, refused: boolean): OutRecord | undefined;
}

/** From how full a batch is taken to have more behind it. */
const NEARLY = 0.7;

/**
 * Writes, is acknowledged, commits the offset. What cannot become a row is parked in the same transaction as the
 * offset, once: the transactional id was claimed before the offset was read, which fences whoever had the partition.
 */
export class SinkHandler implements PartitionHandler {
  readonly #table: SinkTable;
  readonly #inserter: Inserter;
  readonly #worker: PartitionWorker;
  readonly #parts: WorkerParts;
  readonly #full: { readonly records: number; readonly bytes: number };
  readonly #writer = new RowBinaryWriter();
  #joined = false;

  constructor(
    table: SinkTable,
    inserter: Inserter,
    partition: number,
    parts: WorkerParts,
    full: { records: number; bytes: number },
  ) {
    this.#table = table;
    this.#inserter = inserter;
    this.#parts = parts;
    this.#full = full;
    this.#worker = parts.partitionWorker(partition);
  }

  async claim(context: PartitionContext): Promise<number> {
    const { start } = await this.#worker.claimAsMember(context);
    if (!this.#joined) this.#inserter.join();
    this.#joined = true;
    return start;
  }

  async process(batch: RecordBatch, context: PartitionContext): Promise<void> {
    const { counters, records } = this.#parts;
    const sources: SourceRecord[] = [];
    const parked: OutRecord[] = [];
    const kinds: string[] = [];
    const park = (source: SourceRecord, error: Error, refused: boolean) => {
      kinds.push(refused ? 'refused by ClickHouse' : 'unreadable');
      const record = this.#table.park(source, error, refused);
      if (record !== undefined) parked.push(record);
    };
    const { rows, bytes } = this.#encode(batch, sources, park);
    const more = batch.records.length >= this.#full.records || bytes >= this.#full.bytes * NEARLY;
    const refused: RefusedRow[] =
      rows.length === 0
        ? []
        : await abortable(this.#inserter.add(rows, more, context.signal), context.signal);
    for (const { index, error } of refused) park(sources[index]!, error, true);

    if (parked.length > 0) await this.#worker.commit(parked, batch.nextOffset, context);
    else await context.commitOffset(batch.nextOffset);
    counters.wrote(batch.records.length, parked, records.failedTopic);
    counters.count('inserted', rows.length - refused.length);
    for (const kind of kinds) counters.count(kind);
    counters.positions.set(batch.partition, batch.nextOffset);
  }

  async release(): Promise<void> {
    if (this.#joined) this.#inserter.leave();
    this.#joined = false;
    await this.#worker.release();
  }

  #encode(
    { topic, partition, records }: RecordBatch,
    sources: SourceRecord[],
    park: (source: SourceRecord, error: Error, refused: boolean) => void,
  ): { rows: Buffer[]; bytes: number } {
    const writer = this.#writer;
    const ends: number[] = [];
    let bytes = 0;
    writer.clear();
    for (const record of records) {
      const source: SourceRecord = { topic, partition, ...record };
      bytes += record.value?.length ?? 0;
      const before = writer.length;
      try {
        this.#table.encode(writer, source);
        ends.push(writer.length);
        sources.push(source);
      } catch (error) {
        writer.truncate(before);
        park(source, error as Error, false);
      }
    }
    const data = writer.take();
    return { rows: ends.map((end, i) => data.subarray(i === 0 ? 0 : ends[i - 1], end)), bytes };
  }
}
