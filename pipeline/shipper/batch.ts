import { createHash } from 'node:crypto';
import { maxLineBytes, maxRecordBytes } from '../contracts/access-log.ts';
import type { FailedMessage } from '../contracts/messages.ts';
import { fnv1aPartition, keptKey } from '../contracts/partitioning.ts';
import type { OutRecord } from '../log/port.ts';
import { EnvelopeWriter, type ShipperIdentity } from './envelope.ts';
import { type Place, sizeViolation, tornLine } from './failures.ts';
import { HEAD_BYTES, type LineSplitter, type Remainder } from './lines.ts';
import { recordKey } from './record-key.ts';

/** A topic records go to. */
export interface Target {
  readonly topic: string;
  readonly partitions: number;
}

export interface BatchLimits {
  readonly lines: number;
  /** Of the log. */
  readonly bytes: number;
  readonly bodyBytes: number;
}

/** A line and where it is. */
export type Line = Pick<LineSplitter, 'source' | 'start' | 'end' | 'lineOffset'>;

/** What one transaction takes. */
export interface Batch {
  readonly records: OutRecord[];
  lines: number;
  failed: number;
  /** Of the log. */
  bytes: number;
  /** Whether the event log has it. */
  committed: boolean;
}

/** Makes records of lines and gathers them until there are enough for a transaction. */
export class BatchBuilder {
  readonly #raw: Target;
  readonly #failed: Target;
  readonly #limits: BatchLimits;
  readonly #writer: EnvelopeWriter;
  readonly #maxRecordBytes: number;
  #batch: Batch = emptyBatch();
  #taken: Batch | null = null;
  #turn = 0;

  constructor(identity: ShipperIdentity, raw: Target, failed: Target, limits: BatchLimits) {
    this.#raw = raw;
    this.#failed = failed;
    this.#limits = limits;
    this.#writer = new EnvelopeWriter(identity);
    this.#maxRecordBytes = maxRecordBytes({ uriCharacters: 0, bodyBytes: limits.bodyBytes });
  }

  get isEmpty(): boolean {
    return this.#batch.records.length === 0;
  }

  get isFull(): boolean {
    return this.#batch.records.length >= this.#limits.lines || this.#batch.bytes >= this.#limits.bytes;
  }

  /** The batch with the line that was added last. */
  get latest(): Batch | null {
    return this.isEmpty ? this.#taken : this.#batch;
  }

  /** Gives what was gathered and begins anew. */
  take(): Batch {
    const batch = this.#batch;
    this.#taken = batch;
    this.#batch = emptyBatch();
    return batch;
  }

  /** The splitter's current line. */
  addLine({ source, start, end, lineOffset }: Line, path: string, time: number): void {
    this.#writer.begin(path, time);
    const value = this.#writer.write(source, start, end, lineOffset, this.#maxRecordBytes);
    if (value === null) {
      const line = remainderOf(source.subarray(start, end));
      this.#addSizeViolation({ path, offset: lineOffset, time }, line, `${this.#maxRecordBytes} in a record`);
      return;
    }
    const key = recordKey(source, start, end);
    const { topic, partitions } = this.#raw;
    const partition = key === null ? this.#turn++ % partitions : fnv1aPartition(key, partitions);
    const kept = key === null ? null : keptKey(key);
    this.#batch.records.push({ topic, partition, key: kept, value, timestamp: time });
    this.#batch.lines += 1;
    this.#batch.bytes += end - start;
  }

  /** The splitter's current line, which was too long. */
  addOversized(splitter: LineSplitter, path: string, time: number): void {
    const limit = maxLineBytes({ uriCharacters: 0, bodyBytes: this.#limits.bodyBytes });
    const place = { path, offset: splitter.lineOffset, time };
    this.#addSizeViolation(place, splitter.oversized!, String(limit));
  }

  addTorn(place: Place, rest: Remainder): void {
    this.#addFailure(place, rest, tornLine(place, rest));
  }

  #addSizeViolation(place: Place, line: Remainder, limit: string): void {
    this.#addFailure(place, line, sizeViolation(place, line, limit));
  }

  #addFailure({ path, offset, time }: Place, { bytes }: Remainder, message: FailedMessage): void {
    const { topic, partitions } = this.#failed;
    const key = Buffer.from(`${path}:${offset}`);
    const value = Buffer.from(JSON.stringify(message));
    this.#batch.records.push({
      topic,
      partition: fnv1aPartition(key, partitions),
      key,
      value,
      timestamp: time,
    });
    this.#batch.failed += 1;
    this.#batch.bytes += bytes;
  }
}

function emptyBatch(): Batch {
  return { records: [], lines: 0, failed: 0, bytes: 0, committed: false };
}

function remainderOf(line: Buffer): Remainder {
  return {
    head: line.subarray(0, HEAD_BYTES),
    whole: null,
    sha256: createHash('sha256').update(line).digest('hex'),
    bytes: line.length,
  };
}
