import { ClickproofError } from '../../../contracts/errors.ts';
import type { LogRecord } from '../../port.ts';
import { ByteReader } from './byte-reader.ts';
import { decompress } from './compression.ts';

/** What stands in front of a batch's records (kafka.apache.org/documentation: record batch). */
export interface BatchHeader {
  readonly baseOffset: number;
  /** Of the last record as it was written, also when compaction has removed that since. */
  readonly lastOffset: number;
  readonly producerId: bigint;
  readonly transactional: boolean;
  /** Undefined for data; else what the marker in it says of the producer's transaction. */
  readonly control: 'abort' | 'other' | undefined;
  /** Reads the records, all or those from an offset. */
  records(from: number): LogRecord[];
}

/** Base offset and length. */
const PREFIX_BYTES = 12;
const MAGIC_AT = 16;
/** The first format with transactions; brokers from 4.0 on have no other. */
const MAGIC = 2;
const CODEC_MASK = 0x7;
const APPEND_TIME_FLAG = 0x8;
const TRANSACTIONAL_FLAG = 0x10;
const CONTROL_FLAG = 0x20;
const ABORT_MARKER = 0;

/** The whole batches of a record set. The last one is often cut short, and then left out. */
export function* readBatches(set: Buffer): Generator<BatchHeader> {
  for (let at = 0; set.length - at > MAGIC_AT; ) {
    const end = at + PREFIX_BYTES + set.readInt32BE(at + 8);
    if (end > set.length) return;
    if (set[at + MAGIC_AT] !== MAGIC) {
      throw new ClickproofError('RECORD_FORMAT', `records of format ${set[at + MAGIC_AT]} cannot be read`, {
        remedy: 'they were written by a client of before Kafka 0.11; write them anew',
      });
    }
    yield readHeader(set.subarray(at, end));
    at = end;
  }
}

function readHeader(batch: Buffer): BatchHeader {
  const reader = new ByteReader(batch);
  const baseOffset = reader.int64();
  // Length, leader epoch, magic, checksum: what TCP and the broker have checked is not checked again.
  reader.skip(4 + 4 + 1 + 4);
  const attributes = reader.int16();
  const lastOffset = baseOffset + reader.int32();
  const firstTimestamp = reader.int64();
  const maxTimestamp = reader.int64();
  const producerId = reader.int64Exact();
  // Producer epoch, first sequence number.
  reader.skip(2 + 4);
  const count = reader.int32();
  const body = (): ByteReader =>
    new ByteReader(decompress(attributes & CODEC_MASK, batch.subarray(reader.at)));
  return {
    baseOffset,
    lastOffset,
    producerId,
    transactional: (attributes & TRANSACTIONAL_FLAG) !== 0,
    control: (attributes & CONTROL_FLAG) === 0 ? undefined : readControl(count, body),
    records: (from) =>
      readRecords(body(), count, {
        baseOffset,
        from,
        firstTimestamp,
        appendTime: (attributes & APPEND_TIME_FLAG) === 0 ? undefined : maxTimestamp,
      }),
  };
}

interface Context {
  readonly baseOffset: number;
  readonly from: number;
  readonly firstTimestamp: number;
  /** When the broker stamped the batch; undefined where the producer stamped the records. */
  readonly appendTime: number | undefined;
}

function readRecords(reader: ByteReader, count: number, context: Context): LogRecord[] {
  const { baseOffset, from, firstTimestamp, appendTime } = context;
  const records: LogRecord[] = [];
  for (let i = 0; i < count; i++) {
    const end = reader.varint() + reader.at;
    // Attributes, of which there are none yet.
    reader.skip(1);
    const timestamp = reader.varint() + firstTimestamp;
    const offset = reader.varint() + baseOffset;
    const key = reader.varBytes();
    const value = reader.varBytes();
    // Headers are not part of the port.
    reader.at = end;
    if (offset >= from) records.push({ offset, key, value, timestamp: appendTime ?? timestamp });
  }
  return records;
}

/** A marker's key is its version and its type. */
function readControl(count: number, body: () => ByteReader): 'abort' | 'other' {
  if (count === 0) return 'other';
  const reader = body();
  reader.varint();
  reader.skip(1);
  reader.varint();
  reader.varint();
  const key = reader.varBytes();
  return key !== null && key.length >= 4 && key.readInt16BE(2) === ABORT_MARKER ? 'abort' : 'other';
}
