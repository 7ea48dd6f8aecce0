import type { Stack } from '../../containers/stack.ts';
import type { TopicNames } from '../../pipeline/contracts/topics.ts';
import type { SinkReader } from '../checkers/check-events.ts';
import { ClickHouseReader } from './clickhouse-reader.ts';
import { ElasticsearchReader } from './elasticsearch-reader.ts';
import { EmbeddedTopicReader } from './embedded-topic-reader.ts';
import { KafkaTopicReader } from './kafka-topic-reader.ts';
import type { ProfileReader } from './profile-reader.ts';
import { RedisProfileReader } from './redis-profile-reader.ts';
import { SqliteProfileReader } from './sqlite-profile-reader.ts';
import type { StartOffsets, TopicReader } from './topic-reader.ts';

export interface Readers {
  readonly topics: TopicReader;
  readonly sinks: readonly SinkReader[];
  /** Undefined where the profiles cannot be read. */
  readonly profiles: ProfileReader | undefined;
  close(): Promise<void>;
}

interface Scope {
  /** The run whose events are read out of the stores behind the topics. */
  readonly mark: string;
  /** Where the topics ended before the run. */
  readonly from?: StartOffsets;
}

/**
 * The checker's readers for what a stack has.
 *
 * @throws ClickproofError HOP_UNREADABLE the event log cannot be opened
 */
export async function openReaders(
  stack: Pick<Stack, 'eventLog' | 'topics' | 'profiles' | 'clickhouse' | 'elasticsearch'>,
  { mark, from }: Scope,
): Promise<Readers> {
  const topics = await openTopics(stack, from);
  const clickhouse = stack.clickhouse && new ClickHouseReader(stack.clickhouse, mark);
  const elasticsearch = stack.elasticsearch && new ElasticsearchReader(stack.elasticsearch, mark);
  const profiles = openProfiles(stack);
  return {
    topics,
    sinks: [...(clickhouse ? [clickhouse] : []), ...(elasticsearch ? [elasticsearch] : [])],
    profiles,
    async close() {
      await topics.close();
      await profiles?.close();
      await clickhouse?.close();
    },
  };
}

/** Where the topics end now. @throws ClickproofError HOP_UNREADABLE */
export async function topicEnds(stack: Pick<Stack, 'eventLog' | 'topics'>): Promise<StartOffsets> {
  const topics = await openTopics(stack);
  try {
    return topics.ends(read(stack.topics));
  } finally {
    await topics.close();
  }
}

async function openTopics(
  { eventLog, topics }: Pick<Stack, 'eventLog' | 'topics'>,
  from?: StartOffsets,
): Promise<EmbeddedTopicReader | KafkaTopicReader> {
  return eventLog.kind === 'embedded'
    ? new EmbeddedTopicReader(eventLog.path, from)
    : KafkaTopicReader.open(eventLog, read(topics), from);
}

function read({ raw, processed, flattened, persisted, failed }: TopicNames): string[] {
  return [raw, processed, flattened, persisted, failed];
}

function openProfiles({ profiles, topics }: Pick<Stack, 'profiles' | 'topics'>): ProfileReader | undefined {
  if (profiles === undefined) return undefined;
  return profiles.kind === 'redis'
    ? new RedisProfileReader(profiles, topics.flattened)
    : new SqliteProfileReader(profiles.path, topics.flattened);
}
