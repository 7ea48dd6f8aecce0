import type { Stack } from '../../containers/stack.ts';
import type { SinkReader } from '../checkers/check-events.ts';
import { ClickHouseReader } from './clickhouse-reader.ts';
import { EmbeddedTopicReader } from './embedded-topic-reader.ts';
import type { TopicReader } from './topic-reader.ts';

export interface Readers {
  readonly topics: TopicReader;
  readonly sinks: readonly SinkReader[];
  close(): Promise<void>;
}

/** The checker's readers for what a stack has. */
export function openReaders(stack: Pick<Stack, 'eventLog' | 'clickhouse'>, mark: string): Readers {
  const topics = new EmbeddedTopicReader(stack.eventLog.path);
  const clickhouse = new ClickHouseReader({ ...stack.clickhouse, mark });
  return {
    topics,
    sinks: [clickhouse],
    async close() {
      topics.close();
      await clickhouse.close();
    },
  };
}
