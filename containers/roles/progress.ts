import type { GroupNames, TopicNames } from '../../pipeline/contracts/topics.ts';
import { type EventLog, groupLag } from '../../pipeline/log/index.ts';
import type { StackProgress, TopicReading } from '../stack.ts';

/** What there is to look at. */
export interface Watched {
  readonly topics: TopicNames;
  readonly groups: GroupNames;
  /** Which sinks take the events. */
  readonly clickhouse: boolean;
  readonly elasticsearch: boolean;
}

/** Who reads what, in the order of the data: what stands in a topic was written by those before its readers. */
export function topicReadings({ topics, groups, clickhouse, elasticsearch }: Watched): TopicReading[] {
  return [
    { group: groups.parser, topic: topics.raw },
    { group: groups.flattener, topic: topics.processed },
    { group: groups.persister, topic: topics.flattened },
    ...(clickhouse ? [{ group: groups.clickhouse, topic: topics.persisted }] : []),
    ...(elasticsearch ? [{ group: groups.elasticsearch, topic: topics.persisted }] : []),
    // Every stage and sink sets aside what it cannot take.
    ...(clickhouse ? [{ group: groups.clickhouseFailed, topic: topics.failed }] : []),
  ];
}

/** How far the data has come, out of the event log's own offsets. */
export async function pipelineProgress(
  log: EventLog,
  { raw, processed, flattened, persisted, failed }: TopicNames,
  readings: readonly TopicReading[],
): Promise<Pick<StackProgress, 'records' | 'lag' | 'behind'>> {
  const lags = await Promise.all(
    readings.map(async ({ group, topic }) => ({ group, topic, lag: await groupLag(log, group, topic) })),
  );
  const counts = await Promise.all(
    [raw, processed, flattened, persisted, failed].map(async (topic) => {
      const ends = await log.ends(topic);
      return [topic, ends.reduce((sum, { start, end }) => sum + end - start, 0)] as const;
    }),
  );
  const behind: Record<string, number> = {};
  for (const { topic, lag } of lags) behind[topic] = Math.max(lag, behind[topic] ?? 0);
  return {
    records: Object.fromEntries(counts),
    lag: Object.fromEntries(lags.map(({ group, lag }) => [group, lag])),
    behind,
  };
}
