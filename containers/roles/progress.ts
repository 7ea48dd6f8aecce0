import { DEFAULT_GROUPS, DEFAULT_TOPICS } from '../../pipeline/contracts/topics.ts';
import { type EventLog, groupLag } from '../../pipeline/log/index.ts';
import type { StackProgress } from '../stack.ts';

/** Which group reads which topic, in the order of the data. */
const READERS = [
  [DEFAULT_GROUPS.parser, DEFAULT_TOPICS.raw],
  [DEFAULT_GROUPS.flattener, DEFAULT_TOPICS.processed],
  [DEFAULT_GROUPS.persister, DEFAULT_TOPICS.flattened],
  [DEFAULT_GROUPS.clickhouse, DEFAULT_TOPICS.persisted],
  [DEFAULT_GROUPS.clickhouseFailed, DEFAULT_TOPICS.failed],
] as const;
const ELASTICSEARCH = [DEFAULT_GROUPS.elasticsearch, DEFAULT_TOPICS.persisted] as const;

/**
 * How far the data has come, out of the event log's own offsets.
 *
 * @param elasticsearch a sink takes the events there, too
 */
export async function pipelineProgress(
  log: EventLog,
  { unshippedBytes, elasticsearch }: { unshippedBytes: number; elasticsearch: boolean },
): Promise<StackProgress> {
  const readers = elasticsearch ? [...READERS, ELASTICSEARCH] : READERS;
  const looks = await Promise.all(
    readers.map(async ([group, topic]) => ({ group, topic, lag: await groupLag(log, group, topic) })),
  );
  const counts = await Promise.all(
    READERS.map(async ([, topic]) => {
      const ends = await log.ends(topic);
      return [topic, ends.reduce((sum, { start, end }) => sum + end - start, 0)] as const;
    }),
  );
  return {
    records: Object.fromEntries(counts),
    lag: Object.fromEntries(looks.map(({ group, lag }) => [group, lag])),
    unshippedBytes,
  };
}
