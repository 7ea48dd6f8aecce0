import { DEFAULT_GROUPS, DEFAULT_TOPICS } from '../../pipeline/contracts/topics.ts';
import type { EventLog } from '../../pipeline/log/index.ts';
import type { StackProgress } from '../stack.ts';

/** Which group reads which topic, in the order of the data. */
const READERS = [
  [DEFAULT_GROUPS.parser, DEFAULT_TOPICS.raw],
  [DEFAULT_GROUPS.flattener, DEFAULT_TOPICS.processed],
  [DEFAULT_GROUPS.persister, DEFAULT_TOPICS.flattened],
  [DEFAULT_GROUPS.clickhouse, DEFAULT_TOPICS.persisted],
  [DEFAULT_GROUPS.clickhouseFailed, DEFAULT_TOPICS.failed],
] as const;

/** How far the data has come, out of the event log's own offsets. */
export async function pipelineProgress(log: EventLog, unshippedBytes: number): Promise<StackProgress> {
  const records: Record<string, number> = {};
  const lag: Record<string, number> = {};
  for (const [group, topic] of READERS) {
    const ends = await log.ends(topic);
    const committed = await log.committed(group, topic);
    records[topic] = ends.reduce((sum, { start, end }) => sum + end - start, 0);
    lag[group] = ends.reduce(
      (sum, { partition, start, end }) => sum + end - (committed[partition] ?? start),
      0,
    );
  }
  return { records, lag, unshippedBytes };
}
