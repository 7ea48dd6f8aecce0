import { Kafka, logLevel } from 'kafkajs';
import type { TopicNames } from '../../pipeline/contracts/topics.ts';

/** Gives back the room that a replicate's topics take. */
export async function deleteTopics(brokers: readonly string[], topics: TopicNames): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    await admin.deleteTopics({ topics: Object.values(topics) });
  } finally {
    await admin.disconnect();
  }
}
