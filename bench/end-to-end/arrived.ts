import { clickhouseClient } from '../../containers/clickhouse-client.ts';
import type { ClickHouseConnection } from '../../containers/connections.ts';

/** How many events ClickHouse has. Offsets do not tell: on Kafka the markers of transactions take some. */
export async function arrivedAt(clickhouse: ClickHouseConnection): Promise<number> {
  const client = clickhouseClient(clickhouse);
  try {
    const answer = await client.query({ query: 'SELECT count() AS n FROM events', format: 'JSONEachRow' });
    const [row] = await answer.json<{ n: string | number }>();
    return Number(row?.n ?? 0);
  } finally {
    await client.close();
  }
}
