import { type BatchLimits, recordBytes } from '../group/batches.ts';
import type { LogRecord, RecordBatch } from '../port.ts';
import { damaged } from './batch-codec.ts';
import type { Topic } from './catalogue.ts';
import type { Chunk, Reader } from './reader.ts';

const NOTHING = { records: 0, bytes: 0 };

/**
 * Reads one partition forwards. It holds at most one decoded batch of the file besides what it hands over: a slow reader costs
 * no memory.
 */
export class Cursor {
  readonly #reader: Reader;
  readonly #topic: Topic;
  readonly #partition: number;
  readonly #partitionId: number;
  /** Exclusive. */
  readonly #to: number;
  #position: number;
  #held: readonly LogRecord[] = [];
  /** How many of the held records were handed over. */
  #used = 0;
  /** Where the batch after the held one begins. */
  #next: number;
  #atEnd = false;

  /** @throws ClickproofError OFFSET_OUT_OF_RANGE */
  constructor(
    reader: Reader,
    topic: Topic,
    partition: number,
    offset: number,
    to = Number.POSITIVE_INFINITY,
  ) {
    reader.checkRange(topic, partition, offset);
    this.#reader = reader;
    this.#topic = topic;
    this.#partition = partition;
    this.#partitionId = reader.catalogue.partitionId(topic, partition);
    this.#to = to;
    this.#position = offset;
    this.#next = offset;
  }

  /** True when the last `take` came to the end, false when a limit ended it. */
  get atEnd(): boolean {
    return this.#atEnd;
  }

  /**
   * Takes what there is, up to the limits; undefined when there is nothing.
   *
   * @param besides is what goes before it in one batch: with some in hand no record goes beyond the limits
   * @throws ClickproofError OFFSET_OUT_OF_RANGE retention has overtaken the reader
   */
  take(limits: BatchLimits, besides = NOTHING): RecordBatch | undefined {
    const records: LogRecord[] = [];
    let bytes = besides.bytes;
    this.#atEnd = false;
    while (besides.records + records.length < limits.maxRecords) {
      if (this.#used === this.#held.length && !this.#load(records.length > 0)) {
        this.#atEnd = true;
        break;
      }
      const record = this.#held[this.#used]!;
      if (record.offset >= this.#to) {
        this.#atEnd = true;
        break;
      }
      bytes += recordBytes(record);
      if (bytes > limits.maxBytes && besides.records + records.length > 0) break;
      records.push(record);
      this.#used++;
      this.#position = this.#used === this.#held.length ? this.#next : record.offset + 1;
    }
    if (records.length === 0) return undefined;
    return { topic: this.#topic.spec.name, partition: this.#partition, records, nextOffset: this.#position };
  }

  /** True when there is a record to hand over. */
  #load(partly: boolean): boolean {
    while (this.#next < this.#to) {
      let chunk = this.#reader.chunk(this.#partitionId, this.#next);
      if (chunk?.records[0]?.offset !== this.#next) {
        // The end, or a gap: compaction made it, or retention removed what was to be read. What is in hand goes out first.
        if (partly) return false;
        const { end } = this.#reader.checkRange(this.#topic, this.#partition, this.#next);
        // A commit may have come between the two looks.
        if (chunk === undefined && end > this.#next)
          chunk = this.#reader.chunk(this.#partitionId, this.#next);
        if (this.#topic.spec.cleanup === 'delete') this.#checkWhole(chunk, end);
      }
      if (chunk === undefined) return false;
      this.#next = chunk.nextOffset;
      this.#held = chunk.records;
      this.#used = 0;
      if (chunk.records.length > 0) return true;
    }
    return false;
  }

  /** Only compaction leaves gaps: anywhere else a missing record was lost by damage, and is not to be passed over. */
  #checkWhole(chunk: Chunk | undefined, end: number): void {
    if (chunk === undefined ? end <= this.#next : chunk.records[0]?.offset === this.#next) return;
    throw damaged(
      `${this.#topic.spec.name} partition ${this.#partition} lacks the record at offset ${this.#next}`,
    );
  }
}
