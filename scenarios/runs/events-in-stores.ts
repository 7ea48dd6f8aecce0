import { clickhouseClient } from '../../containers/clickhouse-client.ts';
import type { Stack } from '../../containers/stack.ts';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { ElasticsearchPages } from '../readers/elasticsearch-pages.ts';

/** How many events of a mark each store holds, by its name; repeats that it leaves out of its answers are not counted. */
export type EventsInStores = ReadonlyMap<string, number>;

/** @throws ClickproofError HOP_UNREADABLE */
export async function eventsInStores(
  { clickhouse, elasticsearch }: Pick<Stack, 'clickhouse' | 'elasticsearch'>,
  mark: string,
): Promise<EventsInStores> {
  const found = new Map<string, number>();
  if (clickhouse) {
    const client = clickhouseClient(clickhouse);
    try {
      const answer = await client.query({
        query: 'SELECT count() AS events FROM events FINAL WHERE name_tracker = {mark: String}',
        query_params: { mark },
        format: 'JSONEachRow',
      });
      const [row] = await answer.json<{ events: string }>();
      found.set('ClickHouse', Number(row!.events));
    } catch (cause) {
      throw new ClickproofError('HOP_UNREADABLE', `ClickHouse cannot be read: ${(cause as Error).message}`, {
        cause,
      });
    } finally {
      await client.close();
    }
  }
  if (elasticsearch) {
    const query = { term: { 'tracking.event-name_tracker': { value: mark } } };
    // Before the first event there is no index.
    const events = await new ElasticsearchPages(elasticsearch).count(elasticsearch.alias, query);
    found.set('Elasticsearch', events);
  }
  return found;
}
