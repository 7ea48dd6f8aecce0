import { ByteReader } from '../wire/byte-reader.ts';

/**
 * What members say of themselves and what the leader gives them, in the consumer protocol's own encoding (versions 1 and 0), so that
 * Kafka's tools can show it.
 */

/** What a member wants and what it holds. */
export interface Subscription {
  readonly topic: string;
  readonly owned: readonly number[];
}

const SUBSCRIPTION_VERSION = 1;
const ASSIGNMENT_VERSION = 0;

export function encodeSubscription({ topic, owned }: Subscription): Buffer {
  return Buffer.concat([
    int16(SUBSCRIPTION_VERSION),
    int32(1),
    string(topic),
    noUserData(),
    topicPartitions(topic, owned),
  ]);
}

/** @throws RangeError it is of another client */
export function decodeSubscription(bytes: Buffer): Subscription {
  const reader = new ByteReader(bytes);
  if (reader.int16() < SUBSCRIPTION_VERSION)
    throw new RangeError('a member does not say which partitions it holds');
  if (reader.int32() !== 1) throw new RangeError('a member reads several topics');
  const topic = reader.string();
  reader.skip(Math.max(0, reader.int32()));
  return { topic, owned: readTopicPartitions(reader, topic) };
}

export function encodeAssignment(topic: string, partitions: readonly number[]): Buffer {
  return Buffer.concat([int16(ASSIGNMENT_VERSION), topicPartitions(topic, partitions), noUserData()]);
}

/** The partitions of a topic; none where the leader gave nothing. */
export function decodeAssignment(bytes: Buffer, topic: string): number[] {
  if (bytes.length === 0) return [];
  const reader = new ByteReader(bytes);
  reader.int16();
  return readTopicPartitions(reader, topic);
}

function readTopicPartitions(reader: ByteReader, topic: string): number[] {
  const found: number[] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const ours = reader.string() === topic;
    for (let count = reader.int32(); count > 0; count--) {
      const partition = reader.int32();
      if (ours) found.push(partition);
    }
  }
  return found;
}

function topicPartitions(topic: string, partitions: readonly number[]): Buffer {
  return Buffer.concat([int32(1), string(topic), int32(partitions.length), ...partitions.map(int32)]);
}

function noUserData(): Buffer {
  return int32(-1);
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([int16(bytes.length), bytes]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
