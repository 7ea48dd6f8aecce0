import { createRequire } from 'node:module';
import type * as kafkajs from 'kafkajs';
import { z } from 'zod';
import type { KafkaConnection } from '../../../containers/connections.ts';
import { ClickproofError } from '../../../pipeline/contracts/errors.ts';
import { KafkaCluster } from '../../readers/kafka-cluster.ts';
import { nameOn } from '../names.ts';
import { type FaultKind, Witness } from './kind.ts';

const { Kafka, logLevel } = createRequire(import.meta.url)('kafkajs') as typeof kafkajs;

const fields = z.strictObject({
  abort: z
    .string()
    .describe(
      'The topic that producers write to in transactions, each in the way of the other, which they abort',
    ),
});

const PRODUCERS = 3;
const ROUNDS = 3;
/** Records of a partition that are written again each time. */
const COPIES = 10;
/** As a marker's key looks to a reader that takes every key for a marker's. */
const LIKE_A_MARKER = Buffer.alloc(4);

interface Copy {
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/**
 * Transactions that are never committed, as producers leave them that are killed together: copies of what is in the topic, some under
 * keys that come from the network, in every partition, the transactions in between each other. Nobody may see any of it. Kafka alone.
 */
export const abort: FaultKind<typeof fields> = {
  fields,
  touches: () => ['transactions'],
  async inject({ abort: usual }, world) {
    const { eventLog } = world.stack;
    if (eventLog.kind !== 'kafka') {
      throw new ClickproofError('NO_KAFKA', 'only Kafka has transactions that can be left open and aborted');
    }
    const witness = new Witness(world, { table: 'faults', fault: 'aborted transactions', where: usual });
    const topic = nameOn(world.stack, usual);
    const cluster = new KafkaCluster(eventLog, [topic]);
    await cluster.connect();
    try {
      const copies: Copy[] = [];
      for (const { partition, start, end } of await cluster.offsets(topic)) {
        const messages = await cluster.fetch(topic, partition, Math.max(start, end - 2 * COPIES));
        const records = messages.filter((one) => !one.isControlRecord).slice(-COPIES);
        copies.push(...records.map(({ key, value }) => ({ partition, key, value })));
      }
      // Each record that was written has been acknowledged, and each transaction's end.
      await writeAndAbort(eventLog, topic, copies);
      const partitions = new Set(copies.map(({ partition }) => partition)).size;
      witness.note(
        copies.length > 0,
        `${PRODUCERS} producers wrote ${PRODUCERS * ROUNDS * copies.length} records to ${partitions} partitions of ${topic} and aborted them`,
      );
    } finally {
      await cluster.close();
    }
    return [witness.evidence()];
  },
};

async function writeAndAbort(
  { brokers, tls, sasl }: KafkaConnection,
  topic: string,
  copies: readonly Copy[],
) {
  const producers = Array.from({ length: PRODUCERS }, (_, i) => {
    const kafka = new Kafka({
      ...{ brokers: [...brokers], logLevel: logLevel.NOTHING },
      ...(tls && { ssl: tls }),
      ...(sasl && { sasl: { ...sasl } }),
    });
    return kafka.producer({
      transactionalId: `${topic}:somebody-else-${process.pid}-${i}`,
      maxInFlightRequests: 1,
      retry: { initialRetryTime: 5, maxRetryTime: 100, retries: 50 },
    });
  });
  try {
    for (const producer of producers) await producer.connect();
    const transactions = [];
    for (const producer of producers) transactions.push(await producer.transaction());
    for (let round = 0; round < ROUNDS; round++) {
      const messages = copies.map((copy, i) => {
        const isFirst = copies[i - 1]?.partition !== copy.partition;
        return { ...copy, key: isFirst ? LIKE_A_MARKER : copy.key };
      });
      for (const transaction of transactions) await transaction.send({ topic, messages });
    }
    for (const transaction of transactions) await transaction.abort();
  } finally {
    for (const producer of producers) await producer.disconnect();
  }
}
