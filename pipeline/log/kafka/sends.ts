import type { Message, TopicMessages } from 'kafkajs';
import type { OutRecord } from '../port.ts';

/** kafkajs copies all messages of a partition for each that it adds: 5,000 take 20 ms of the event loop, 50,000 take 18 s. */
const MAX_RECORDS = 2_000;
/** Of one send over all partitions: brokers take 100 MiB at most, and it is copied some times over. */
const MAX_SEND_BYTES = 8 << 20;
/** What a record takes besides key and value at most: its length, attributes, two deltas, two lengths, headers. */
const RECORD_OVERHEAD_BYTES = 32;
/** What a batch takes besides its records. */
const BATCH_OVERHEAD_BYTES = 61;

interface Share {
  records: number;
  bytes: number;
}

/**
 * Cuts the records of a transaction into sends. kafkajs makes one batch of what a send has for a partition, and a topic limits the size
 * of a batch. Their order within a partition stays.
 *
 * @param maxBatchBytes the limit of a topic
 */
export function* cutIntoSends(
  records: readonly OutRecord[],
  maxBatchBytes: (topic: string) => number,
): Generator<TopicMessages[]> {
  let messages = new Map<string, Message[]>();
  let shares = new Map<string, Share>();
  let total = 0;
  const send = (): TopicMessages[] => [...messages].map(([topic, list]) => ({ topic, messages: list }));
  for (const { topic, partition, key, value, timestamp } of records) {
    const place = `${topic} ${partition}`;
    const size = (key?.length ?? 0) + (value?.length ?? 0) + RECORD_OVERHEAD_BYTES;
    let share = shares.get(place);
    const full =
      share !== undefined &&
      (share.records === MAX_RECORDS ||
        share.bytes + size > maxBatchBytes(topic) ||
        total + size > MAX_SEND_BYTES);
    if (full || (total > 0 && total + size > MAX_SEND_BYTES)) {
      yield send();
      messages = new Map();
      shares = new Map();
      share = undefined;
      total = 0;
    }
    if (share === undefined) {
      share = { records: 0, bytes: BATCH_OVERHEAD_BYTES };
      shares.set(place, share);
    }
    share.records++;
    share.bytes += size;
    total += size;
    let list = messages.get(topic);
    if (list === undefined) {
      list = [];
      messages.set(topic, list);
    }
    list.push({ partition, key, value, timestamp: String(timestamp) });
  }
  if (messages.size > 0) yield send();
}
