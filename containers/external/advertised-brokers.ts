import { Kafka, logLevel } from '../../pipeline/log/kafka/kafkajs.ts';
import type { KafkaConnection } from '../connections.ts';

const PATIENCE_MS = 5_000;

/** Where the brokers of a cluster send their clients, `host:port`. Empty where none answers: whoever needs them will say so. */
export async function advertisedBrokers({ brokers, tls, sasl }: KafkaConnection): Promise<string[]> {
  const kafka = new Kafka({
    ...{ clientId: 'clickproof', brokers: [...brokers], logLevel: logLevel.NOTHING },
    ...(tls && { ssl: tls }),
    ...(sasl && { sasl }),
    ...{ connectionTimeout: PATIENCE_MS, requestTimeout: PATIENCE_MS, retry: { retries: 0 } },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { brokers: all } = await admin.describeCluster();
    return all.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`);
  } catch {
    return [];
  } finally {
    await admin.disconnect().catch(() => {});
  }
}
