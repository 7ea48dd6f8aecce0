import type { Stack } from '../../containers/stack.ts';
import { ClickHouseReader } from '../readers/clickhouse-reader.ts';
import { ElasticsearchReader } from '../readers/elasticsearch-reader.ts';

/** How many events of a mark each store holds, by its name, as queries see them. */
export type EventsInStores = ReadonlyMap<string, number>;

/** @throws ClickproofError HOP_UNREADABLE */
export async function eventsInStores(
  { clickhouse, elasticsearch }: Pick<Stack, 'clickhouse' | 'elasticsearch'>,
  mark: string,
): Promise<EventsInStores> {
  const found = new Map<string, number>();
  if (clickhouse) {
    const reader = new ClickHouseReader(clickhouse, mark);
    try {
      found.set(reader.name, await reader.count());
    } finally {
      await reader.close();
    }
  }
  if (elasticsearch) {
    const reader = new ElasticsearchReader(elasticsearch, mark);
    found.set(reader.name, await reader.count());
  }
  return found;
}
