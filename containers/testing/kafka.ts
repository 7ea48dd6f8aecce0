import { Kafka, logLevel } from 'kafkajs';

export interface TestRecord {
  readonly key: string | null;
  readonly value: string;
  readonly partition: number;
  readonly timestamp: number;
}

export function kafkaClient(broker: string): Kafka {
  return new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING });
}

export async function createTopic(
  broker: string,
  topic: string,
  partitions = 1,
  maxBytes = 16_777_216,
): Promise<void> {
  const admin = kafkaClient(broker).admin();
  await admin.connect();
  const configEntries = [{ name: 'max.message.bytes', value: String(maxBytes) }];
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }] });
  await admin.disconnect();
}

/** Produces values, one transaction each call. */
export async function produce(broker: string, topic: string, values: readonly string[]): Promise<void> {
  const producer = kafkaClient(broker).producer({ idempotent: true, transactionalId: `producer-${topic}` });
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.send({ topic, messages: values.map((value) => ({ value })) });
  await transaction.commit();
  await producer.disconnect();
}

/** Reads a topic from its beginning until `enough` says so. */
export async function readUntil(
  broker: string,
  topic: string,
  enough: (records: readonly TestRecord[]) => boolean,
): Promise<TestRecord[]> {
  const consumer = kafkaClient(broker).consumer({
    groupId: `reader-${topic}-${Math.random()}`,
    maxBytesPerPartition: 16_777_216,
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const { promise, resolve } = Promise.withResolvers<void>();
  const records: TestRecord[] = [];
  await consumer.run({
    eachMessage: async ({ message, partition }) => {
      records.push({
        key: message.key?.toString('latin1') ?? null,
        value: String(message.value),
        partition,
        timestamp: Number(message.timestamp),
      });
      if (enough(records)) resolve();
    },
  });
  await promise;
  await consumer.disconnect();
  return records;
}

/** What a group has committed, all partitions together; -1 each where it has not. */
export async function committedOffsets(broker: string, group: string, topic: string): Promise<number[]> {
  const admin = kafkaClient(broker).admin();
  await admin.connect();
  const [offsets] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  await admin.disconnect();
  return offsets!.partitions.map(({ offset }) => Number(offset));
}
