import { Kafka, logLevel, type Producer } from 'kafkajs';
import type { Measured } from '../benchmark.ts';
import type { Subject } from '../processes/subject.ts';
import { topicsOf } from '../servers/names.ts';

export interface RelayTask {
  readonly replicate: string;
  /** How many records the topic has that is read. */
  readonly records: number;
}

const BATCH_BYTES = 4 << 20;
const PARTITIONS_AT_ONCE = 4;

/**
 * kafkajs alone, as it is published and documents it: copies each record of `tracking_processed`, the middle of the three inputs in
 * size, to the topic of failures, which nobody else writes to here, exactly once, a transaction a batch.
 */
export function relaySubject({ brokers }: { readonly brokers: string[] }): Subject<RelayTask, Measured> {
  // What it warns of on newer versions of Node (a negative time) is not the reader's business.
  process.removeAllListeners('warning');
  // A client for each: those of one client share what offsets they believe to be committed.
  const kafka = () => new Kafka({ brokers, logLevel: logLevel.NOTHING });
  return {
    async run({ replicate, records }) {
      const topics = topicsOf(replicate);
      const group = `${replicate}_relay`;
      const producers = new Map<number, Promise<Producer>>();
      const producerOf = (partition: number) => {
        const known = producers.get(partition);
        if (known !== undefined) return known;
        const producer = connected(kafka(), `${group}:${partition}`);
        producers.set(partition, producer);
        return producer;
      };
      const consumer = kafka().consumer({
        groupId: group,
        maxBytesPerPartition: BATCH_BYTES,
        maxBytes: PARTITIONS_AT_ONCE * BATCH_BYTES,
      });
      await consumer.connect();
      await consumer.subscribe({ topic: topics.processed, fromBeginning: true });
      const ended = Promise.withResolvers<number>();
      let began: number | undefined;
      let count = 0;
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
        async eachBatch({ batch: { partition, messages }, resolveOffset }) {
          began ??= performance.now();
          const transaction = await (await producerOf(partition)).transaction();
          const copies = messages.map(({ key, value }) => ({ partition, key, value }));
          await transaction.send({ topic: topics.failed, messages: copies });
          const last = messages.at(-1)!.offset;
          const next = [{ partition, offset: String(Number(last) + 1) }];
          await transaction.sendOffsets({
            consumerGroupId: group,
            topics: [{ topic: topics.processed, partitions: next }],
          });
          await transaction.commit();
          resolveOffset(last);
          count += messages.length;
          if (count >= records) ended.resolve(performance.now());
        },
      });
      const end = await ended.promise;
      await consumer.disconnect();
      for (const producer of producers.values()) await (await producer).disconnect();
      return { count: records, seconds: (end - began!) / 1000 };
    },
  };
}

async function connected(kafka: Kafka, transactionalId: string): Promise<Producer> {
  const producer = kafka.producer({
    transactionalId,
    idempotent: true,
    maxInFlightRequests: 1,
    // With its own defaults each transaction would wait 300 ms for the one before.
    retry: { initialRetryTime: 5, maxRetryTime: 100, retries: 50 },
  });
  await producer.connect();
  return producer;
}
