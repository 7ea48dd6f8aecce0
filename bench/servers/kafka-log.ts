import { DEFAULT_SIZE_LIMITS } from '../../pipeline/contracts/access-log.ts';
import { pipelineTopics } from '../../pipeline/contracts/topic-specs.ts';
import type { TopicNames } from '../../pipeline/contracts/topics.ts';
import type { EventLog } from '../../pipeline/log/index.ts';
import { openKafkaLog } from '../../pipeline/log/kafka/index.ts';

/** As many as a stack has by default. */
export const PARTITIONS = 4;

/** What is deleted is gone at once, not in a minute: replicates of half a gigabyte come one after the other. */
const TOPIC_CONFIG = { 'file.delete.delay.ms': '100' };

export function openBenchLog(brokers: readonly string[]): EventLog {
  return openKafkaLog({ brokers, topicConfig: TOPIC_CONFIG });
}

/** Makes the topics of a replicate. */
export async function makeTopics(log: EventLog, topics: TopicNames): Promise<void> {
  await log.ensureTopics(pipelineTopics(topics, { partitions: PARTITIONS, limits: DEFAULT_SIZE_LIMITS }));
}

/** Offsets written to a topic, the markers of transactions included. */
export async function written(log: EventLog, topic: string): Promise<number> {
  return (await log.ends(topic)).reduce((sum, { start, end }) => sum + end - start, 0);
}
