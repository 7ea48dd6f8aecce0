import type { SeenRecord, TopicReader } from './topic-reader.ts';
import { recordPlace } from './topic-reader.ts';

/**
 * A reader that does not show records which somebody wrote on purpose while a run went on, nor the failures that they became.
 *
 * @param places of those records, as `recordPlace` names them
 * @param failedTopic where failures are
 */
export function leavingOut(
  reader: TopicReader,
  places: ReadonlySet<string>,
  failedTopic: string,
): TopicReader {
  if (places.size === 0) return reader;
  return {
    partitions: (topic) => reader.partitions(topic),
    async *records(topic) {
      for await (const record of reader.records(topic)) {
        if (places.has(recordPlace(topic, record))) continue;
        const source = topic === failedTopic ? sourceOf(record) : undefined;
        if (source === undefined || !places.has(source)) yield record;
      }
    },
    close: () => reader.close(),
  };
}

/** Where a failure comes from; undefined where it does not say so. */
export function sourceOf({ value }: Pick<SeenRecord, 'value'>): string | undefined {
  try {
    const { topic, partition, offset } = JSON.parse(String(value)).source;
    return recordPlace(topic, { partition, offset });
  } catch {
    return undefined;
  }
}
