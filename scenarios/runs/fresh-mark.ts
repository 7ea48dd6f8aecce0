import { clickhouseClient } from '../../containers/clickhouse-client.ts';
import type { Stack } from '../../containers/stack.ts';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { ElasticsearchPages } from '../readers/elasticsearch-pages.ts';

/**
 * Makes sure that no store holds events of this mark yet: they would count as repeats.
 *
 * @throws ClickproofError MARK_IN_USE, HOP_UNREADABLE
 */
export async function requireFreshMark(
  { clickhouse, elasticsearch }: Pick<Stack, 'clickhouse' | 'elasticsearch'>,
  mark: string,
): Promise<void> {
  if (clickhouse) {
    const client = clickhouseClient(clickhouse);
    try {
      const found = await client.query({
        query: 'SELECT count() AS events FROM events WHERE name_tracker = {mark: String}',
        query_params: { mark },
        format: 'JSONEachRow',
      });
      const [row] = await found.json<{ events: string }>();
      if (Number(row!.events) > 0) throw inUse('ClickHouse', mark);
    } catch (cause) {
      if (cause instanceof ClickproofError) throw cause;
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
    if (events > 0) throw inUse('Elasticsearch', mark);
  }
}

function inUse(where: string, mark: string): ClickproofError {
  return new ClickproofError('MARK_IN_USE', `${where} holds events of ${mark} already`, {
    remedy: 'leave --mark out, so that the run gets a new one, or delete those events first',
  });
}
