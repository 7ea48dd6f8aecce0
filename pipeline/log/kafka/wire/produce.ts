import { crc32c } from './crc32c.ts';

/** What kafkajs hands to the encoder of a Produce request, versions 3 to 7. */
export interface ProduceFields {
  readonly transactionalId?: string | null;
  readonly acks: number;
  readonly timeout: number;
  /** A number of 64 bits, however it is represented. */
  readonly producerId?: { toString(): string };
  readonly producerEpoch?: number;
  /** 0: none. */
  readonly compression?: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly ProducePartition[];
  }[];
}

interface ProducePartition {
  readonly partition: number;
  readonly firstSequence?: number;
  readonly messages: readonly ProduceMessage[];
}

interface ProduceMessage {
  readonly key?: Buffer | string | null;
  readonly value: Buffer | string | null;
  /** Unix time, ms. */
  readonly timestamp?: string;
  readonly headers?: object;
}

/** Of a batch: leader epoch, magic, checksum; from there on the checksum counts. */
const BEFORE_CHECKED = 4 + 1 + 4;
/** Attributes, last offset, two timestamps, producer id and epoch, first sequence number, count of records. */
const CHECKED_HEAD = 2 + 4 + 8 + 8 + 8 + 2 + 4 + 4;
const MAGIC = 2;
const TRANSACTIONAL_FLAG = 0x10;
const NO_PRODUCER = -1n;
/** What each record has besides lengths, deltas, key and value: attributes, and no headers. */
const RECORD_FIXED = 1 + 1;

/** True where `encodeProduce` can encode it: bytes with timestamps, not compressed, without headers. */
export function isPlain({ compression = 0, topicData }: ProduceFields): boolean {
  return (
    compression === 0 &&
    topicData.every(({ partitions }) => partitions.every(({ messages }) => messages.every(isPlainMessage)))
  );
}

function isPlainMessage({ key, value, timestamp, headers }: ProduceMessage): boolean {
  const bytes = (one: unknown) => one === null || one === undefined || Buffer.isBuffer(one);
  return bytes(key) && bytes(value) && timestamp !== undefined && headers === undefined;
}

/**
 * The body of a Produce request, each byte of a record copied once into a buffer of the right size. kafkajs copies it some ten times,
 * through buffers that double.
 */
export function encodeProduce(fields: ProduceFields): Buffer {
  const { transactionalId = null, acks, timeout, topicData } = fields;
  const batches = topicData.map(({ partitions }) => partitions.map(layOut));
  let size = 2 + Buffer.byteLength(transactionalId ?? '') + 2 + 4 + 4;
  for (const [i, { topic }] of topicData.entries()) {
    size += 2 + Buffer.byteLength(topic) + 4;
    // Partition, size of the batches, first offset, length.
    for (const { bytes } of batches[i]!) size += 4 + 4 + 8 + 4 + bytes;
  }
  const out = new Writer(size);
  out.string(transactionalId);
  out.int16(acks);
  out.int32(timeout);
  out.int32(topicData.length);
  for (const [i, { topic, partitions }] of topicData.entries()) {
    out.string(topic);
    out.int32(partitions.length);
    for (const batch of batches[i]!) writeBatch(out, batch, fields);
  }
  return out.buffer;
}

/** A batch whose size is known. */
interface Batch {
  readonly of: ProducePartition;
  readonly firstTimestamp: number;
  readonly maxTimestamp: number;
  /** Of each record, without its own length. */
  readonly sizes: readonly number[];
  /** From the leader epoch on. */
  readonly bytes: number;
}

function layOut(of: ProducePartition): Batch {
  let firstTimestamp = Number.POSITIVE_INFINITY;
  let maxTimestamp = Number.NEGATIVE_INFINITY;
  for (const { timestamp } of of.messages) {
    firstTimestamp = Math.min(firstTimestamp, Number(timestamp));
    maxTimestamp = Math.max(maxTimestamp, Number(timestamp));
  }
  let bytes = BEFORE_CHECKED + CHECKED_HEAD;
  const sizes = of.messages.map(({ key, value, timestamp }, offset) => {
    const size =
      RECORD_FIXED +
      varintSize(2 * (Number(timestamp) - firstTimestamp)) +
      varintSize(2 * offset) +
      bytesSize(key) +
      bytesSize(value);
    bytes += varintSize(2 * size) + size;
    return size;
  });
  return { of, firstTimestamp, maxTimestamp, sizes, bytes };
}

function writeBatch(
  out: Writer,
  batch: Batch,
  { transactionalId, producerId, producerEpoch }: ProduceFields,
) {
  const { of, firstTimestamp, maxTimestamp, sizes, bytes } = batch;
  out.int32(of.partition);
  out.int32(8 + 4 + bytes);
  out.int64(0n);
  out.int32(bytes);
  out.int32(0);
  out.int8(MAGIC);
  const checksum = out.at;
  out.int32(0);
  const checked = out.at;
  out.int16(transactionalId ? TRANSACTIONAL_FLAG : 0);
  out.int32(of.messages.length - 1);
  out.int64(BigInt(firstTimestamp));
  out.int64(BigInt(maxTimestamp));
  out.int64(producerId === undefined ? NO_PRODUCER : BigInt(producerId.toString()));
  out.int16(producerEpoch ?? 0);
  out.int32(of.firstSequence ?? 0);
  out.int32(of.messages.length);
  for (const [offset, { key, value, timestamp }] of of.messages.entries()) {
    out.varint(2 * sizes[offset]!);
    out.int8(0);
    out.varint(2 * (Number(timestamp) - firstTimestamp));
    out.varint(2 * offset);
    out.bytes(key);
    out.bytes(value);
    out.varint(0);
  }
  out.buffer.writeUInt32BE(crc32c(out.buffer, checked, out.at), checksum);
}

const lengthOf = (bytes: Buffer | string | null | undefined): number =>
  (bytes as Buffer | null)?.length ?? -1;

/** Zigzag of -1, which stands for null, is 1. */
function bytesSize(bytes: Buffer | string | null | undefined): number {
  const length = lengthOf(bytes);
  return length < 0 ? 1 : varintSize(2 * length) + length;
}

/** Of a number that is zigzag already: twice what is meant. */
function varintSize(zigzag: number): number {
  let size = 1;
  for (let rest = zigzag; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
  return size;
}

/** Writes the protocol's types into a buffer that is just large enough. */
class Writer {
  readonly buffer: Buffer;
  at = 0;

  constructor(size: number) {
    this.buffer = Buffer.allocUnsafe(size);
  }

  int8(value: number): void {
    this.at = this.buffer.writeInt8(value, this.at);
  }

  int16(value: number): void {
    this.at = this.buffer.writeInt16BE(value, this.at);
  }

  int32(value: number): void {
    this.at = this.buffer.writeInt32BE(value, this.at);
  }

  int64(value: bigint): void {
    this.at = this.buffer.writeBigInt64BE(value, this.at);
  }

  string(value: string | null): void {
    this.int16(value === null ? -1 : Buffer.byteLength(value));
    if (value !== null) this.at += this.buffer.write(value, this.at);
  }

  varint(zigzag: number): void {
    let rest = zigzag;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.buffer[this.at++] = (rest % 0x80) | 0x80;
    this.buffer[this.at++] = rest;
  }

  bytes(value: Buffer | string | null | undefined): void {
    const length = lengthOf(value);
    this.varint(length < 0 ? 1 : 2 * length);
    if (length > 0) this.at += (value as Buffer).copy(this.buffer, this.at);
  }
}
