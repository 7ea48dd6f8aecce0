import type { ClickHouseClient } from '@clickhouse/client';

/** Which events a query is about. */
export interface Scope {
  readonly database: string;
  /** The run's mark (`name_tracker`); undefined: all events. */
  readonly mark?: string | undefined;
  /** Most rows; 10 by default. */
  readonly limit?: number | undefined;
}

export interface PageRow {
  readonly page: string;
  readonly views: number;
  readonly visitors: number;
}

export interface ReferrerRow {
  readonly referrer: string;
  readonly medium: string;
  readonly views: number;
}

export interface CampaignRow {
  readonly campaign: string;
  readonly source: string;
  readonly medium: string;
  readonly views: number;
  readonly visitors: number;
}

export interface EventCounts {
  /** Rows as they lie there: a replayed batch counts again until it is merged. */
  readonly raw: number;
  /** Events: rows with FINAL. */
  readonly final: number;
  readonly visitors: number;
}

/** The most viewed pages, by host and path. */
export function topPages(client: ClickHouseClient, scope: Scope): Promise<PageRow[]> {
  return rows(
    client,
    scope,
    `SELECT concat(page_urlhost, page_urlpath) AS page, count() AS views, uniqExact(visitor) AS visitors
FROM ${scope.database}.events FINAL WHERE event = 'page_view' AND page != '' AND ${MARK}
GROUP BY page ORDER BY views DESC, page LIMIT {limit:UInt32}`,
  );
}

/** Where page views came from: hosts of other sites. */
export function topReferrers(client: ClickHouseClient, scope: Scope): Promise<ReferrerRow[]> {
  return rows(
    client,
    scope,
    `SELECT refr_urlhost AS referrer, anyLast(refr_medium) AS medium, count() AS views
FROM ${scope.database}.events FINAL
WHERE event = 'page_view' AND refr_urlhost != '' AND refr_urlhost != page_urlhost AND ${MARK}
GROUP BY referrer ORDER BY views DESC, referrer LIMIT {limit:UInt32}`,
  );
}

/** Which campaigns brought page views. */
export function topCampaigns(client: ClickHouseClient, scope: Scope): Promise<CampaignRow[]> {
  return rows(
    client,
    scope,
    `SELECT mkt_campaign AS campaign, mkt_source AS source, mkt_medium AS medium, count() AS views,
  uniqExact(visitor) AS visitors
FROM ${scope.database}.events FINAL WHERE event = 'page_view' AND campaign != '' AND ${MARK}
GROUP BY campaign, source, medium ORDER BY views DESC, campaign, source, medium LIMIT {limit:UInt32}`,
  );
}

/** How many rows and how many events there are. */
export async function countEvents(client: ClickHouseClient, scope: Scope): Promise<EventCounts> {
  const count = (final: string) =>
    rows<{ n: number; visitors: number }>(
      client,
      scope,
      `SELECT count() AS n, uniqExact(visitor) AS visitors FROM ${scope.database}.events ${final} WHERE ${MARK}`,
    );
  const [raw] = await count('');
  const [final] = await count('FINAL');
  return { raw: raw!.n, final: final!.n, visitors: final!.visitors };
}

/** How many failures there are, by type. They carry no mark. */
export function countFailures(
  client: ClickHouseClient,
  scope: Scope,
): Promise<{ type: string; failures: number }[]> {
  return rows(
    client,
    scope,
    `SELECT type, count() AS failures FROM ${scope.database}.failed FINAL
GROUP BY type ORDER BY failures DESC, type LIMIT {limit:UInt32}`,
  );
}

/** How long events took from the collector to ClickHouse, ms. */
export interface Freshness {
  readonly events: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Freshness: from when the collector took an event to when its row was inserted. */
export async function freshness(client: ClickHouseClient, scope: Scope): Promise<Freshness> {
  const [row] = await rows<Freshness>(
    client,
    scope,
    `SELECT count() AS events, quantileExact(0.5)(ms) AS p50, quantileExact(0.9)(ms) AS p90,
  quantileExact(0.99)(ms) AS p99, max(ms) AS max
FROM (SELECT dateDiff('millisecond', collector_tstamp, inserted_at) AS ms
  FROM ${scope.database}.events FINAL WHERE collector_tstamp IS NOT NULL AND ${MARK})`,
  );
  return row!;
}

const MARK = `({all:Bool} OR name_tracker = {mark:String})`;

async function rows<Row>(client: ClickHouseClient, scope: Scope, query: string): Promise<Row[]> {
  const result = await client.query({
    query,
    format: 'JSONEachRow',
    query_params: { mark: scope.mark ?? '', all: scope.mark === undefined, limit: scope.limit ?? 10 },
    clickhouse_settings: {
      output_format_json_quote_64bit_integers: 0,
      // A row's partition follows from its key: no event is in two.
      do_not_merge_across_partitions_select_final: 1,
    },
  });
  return result.json<Row>();
}
