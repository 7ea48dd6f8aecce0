import {
  type Freshness,
  freshness,
  topCampaigns,
  topPages,
  topReferrers,
} from '../pipeline/sinks/clickhouse/queries.ts';
import { clickhouseClient } from './clickhouse-client.ts';
import type { ClickHouseConnection } from './connections.ts';
import type { StackTable } from './stack.ts';

const ROWS = 8;

/** How fresh one run's events were when they came to ClickHouse. */
export async function clickhouseFreshness(
  connection: ClickHouseConnection,
  mark: string,
): Promise<Freshness> {
  const client = clickhouseClient(connection);
  try {
    return await freshness(client, { database: connection.database, mark: mark || undefined });
  } finally {
    await client.close();
  }
}

/** What an analyst would look at first, for one run's traffic, out of ClickHouse. */
export async function analystTables(connection: ClickHouseConnection, mark: string): Promise<StackTable[]> {
  const client = clickhouseClient(connection);
  const scope = { database: connection.database, mark: mark || undefined, limit: ROWS };
  try {
    const [pages, referrers, campaigns] = [
      await topPages(client, scope),
      await topReferrers(client, scope),
      await topCampaigns(client, scope),
    ];
    return [
      {
        title: 'Top pages',
        columns: ['page', 'views', 'visitors'],
        rows: pages.map(({ page, views, visitors }) => [page, views, visitors]),
      },
      {
        title: 'Top referrers',
        columns: ['referrer', 'medium', 'views'],
        rows: referrers.map(({ referrer, medium, views }) => [referrer, medium, views]),
      },
      {
        title: 'Top campaigns',
        columns: ['campaign', 'source', 'views', 'visitors'],
        rows: campaigns.map(({ campaign, source, views, visitors }) => [campaign, source, views, visitors]),
      },
    ];
  } finally {
    await client.close();
  }
}
