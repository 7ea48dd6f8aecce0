import type { Stack } from '../../containers/stack.ts';
import { DEFAULT_TOPICS } from '../../pipeline/contracts/topics.ts';
import type { SinkReader } from '../checkers/check-events.ts';
import { ClickHouseReader } from './clickhouse-reader.ts';
import { ElasticsearchReader } from './elasticsearch-reader.ts';
import { EmbeddedTopicReader } from './embedded-topic-reader.ts';
import { KafkaTopicReader } from './kafka-topic-reader.ts';
import type { TopicReader } from './topic-reader.ts';

export interface Readers {
  readonly topics: TopicReader;
  readonly sinks: readonly SinkReader[];
  close(): Promise<void>;
}

/**
 * The checker's readers for what a stack has.
 *
 * @throws ClickproofError HOP_UNREADABLE the event log cannot be opened
 */
export async function openReaders(
  stack: Pick<Stack, 'eventLog' | 'clickhouse' | 'elasticsearch'>,
  mark: string,
): Promise<Readers> {
  const topics = await openTopics(stack.eventLog);
  const clickhouse = new ClickHouseReader({ ...stack.clickhouse, mark });
  const { elasticsearch } = stack;
  return {
    topics,
    sinks: [clickhouse, ...(elasticsearch ? [new ElasticsearchReader({ ...elasticsearch, mark })] : [])],
    async close() {
      await topics.close();
      await clickhouse.close();
    },
  };
}

function openTopics(eventLog: Stack['eventLog']): TopicReader | Promise<TopicReader> {
  if (eventLog.kind === 'embedded') return new EmbeddedTopicReader(eventLog.path);
  const { raw, processed, flattened, persisted, failed } = DEFAULT_TOPICS;
  return KafkaTopicReader.open(eventLog.brokers, [raw, processed, flattened, persisted, failed]);
}
