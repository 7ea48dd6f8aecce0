import { ATOMIC_COLUMNS, COLUMN_TYPES } from './atomic-columns.ts';

/** One step of the schema. Its statements can be run again, and by several processes at once. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  statements(database: string): string[];
}

const DELTA = new Set(['collector_tstamp', 'etl_tstamp', 'derived_tstamp']);

function atomicColumn([name, kind]: (typeof ATOMIC_COLUMNS)[number]): string {
  const codec = DELTA.has(name) ? ' CODEC(Delta, LZ4)' : '';
  return `${name} ${COLUMN_TYPES[kind]}${codec}`;
}

/**
 * A merge holds a granule of each of its parts, and buffers of each column of a wide part: with rows of 4 kB and 137
 * columns the defaults take hundreds of MB. Small granules and compact parts keep it to some tens.
 *
 * And a merge costs as much CPU as the inserts of its rows: parts are merged when there are 16 of about one size rather than the
 * default's 5, which halves how often each row is written again. Reading with FINAL does not mind some tens of parts.
 */
const MERGE_SETTINGS =
  'SETTINGS min_bytes_for_wide_part = 68719476736, index_granularity_bytes = 1048576, merge_max_block_size_bytes = 2097152, merge_selector_base = 16';

/** One hash that names an event for the views: its key within a day. */
const EVENT_HASH = 'sipHash64(visitor, event_id, event_fingerprint)';

/**
 * The schema, step by step. What has once been released is never edited: a change is another step.
 *
 * - `events` replaces by what never changes of an event, so that a replayed batch is no second event; every query
 *   reads it with FINAL.
 * - The views keep sets of event hashes (`uniqExact`), not sums: a replay adds to a set what is in it already.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: 'events and failures',
    statements: (database) => [
      `CREATE TABLE IF NOT EXISTS ${database}.events (
  event_date Date32 COMMENT 'day of collector_tstamp, UTC; 1970-01-01 where that is no canonical timestamp',
  visitor String COMMENT 'the record key: domain_userid, else network_userid, else event_id',
  ${ATOMIC_COLUMNS.map(atomicColumn).join(',\n  ')},
  rest JSON(max_dynamic_paths = 256) COMMENT 'all other values by flattened name',
  verbatim String COMMENT 'JSON text: request, query and log as received, and values that no column type gives back exactly' CODEC(ZSTD(1)),
  log_partition UInt32 COMMENT 'where the event stands in tracking_persisted',
  log_offset UInt64 CODEC(Delta, LZ4),
  inserted_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, LZ4)
) ENGINE = ReplacingMergeTree(log_offset)
PARTITION BY toYYYYMM(event_date)
ORDER BY (event_date, visitor, event_id, event_fingerprint)
${MERGE_SETTINGS}`,
      `CREATE TABLE IF NOT EXISTS ${database}.failed (
  failed_at DateTime64(3, 'UTC') COMMENT 'time of the record that could not be processed',
  id FixedString(16) COMMENT 'hash of the record: the same failure again is the same row',
  type LowCardinality(String),
  stage LowCardinality(String),
  errors String COMMENT 'JSON text: [{code, field?, message}]',
  source_topic LowCardinality(String),
  source_partition UInt32,
  source_offset UInt64,
  record String COMMENT 'the record of tracking_failed, byte for byte' CODEC(ZSTD(1)),
  log_partition UInt32 COMMENT 'where the record stands in tracking_failed',
  log_offset UInt64,
  inserted_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree(log_offset)
PARTITION BY toYYYYMM(failed_at)
ORDER BY (failed_at, id)`,
    ],
  },
  {
    version: 2,
    name: 'views for the dashboards',
    statements: (database) => [
      `CREATE TABLE IF NOT EXISTS ${database}.page_views_by_minute (
  minute DateTime('UTC'),
  app_id LowCardinality(String),
  name_tracker LowCardinality(String),
  page_views AggregateFunction(uniqExact, UInt64),
  visitors AggregateFunction(uniqExact, UInt64)
) ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(minute) ORDER BY (name_tracker, app_id, minute)`,
      `CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.page_views_by_minute_mv TO ${database}.page_views_by_minute AS
SELECT toStartOfMinute(toDateTime(assumeNotNull(collector_tstamp), 'UTC')) AS minute, app_id, name_tracker,
  uniqExactState(${EVENT_HASH}) AS page_views, uniqExactState(sipHash64(visitor)) AS visitors
FROM ${database}.events WHERE event = 'page_view' AND collector_tstamp IS NOT NULL
GROUP BY minute, app_id, name_tracker`,
      `CREATE TABLE IF NOT EXISTS ${database}.page_views_by_facet (
  day Date32,
  name_tracker LowCardinality(String),
  facet LowCardinality(String) COMMENT 'page, referrer, campaign, browser or country',
  value String,
  page_views AggregateFunction(uniqExact, UInt64)
) ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(day) ORDER BY (name_tracker, facet, day, value)`,
      `CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.page_views_by_facet_mv TO ${database}.page_views_by_facet AS
SELECT event_date AS day, name_tracker, facet, value, uniqExactState(${EVENT_HASH}) AS page_views
FROM ${database}.events
ARRAY JOIN ['page', 'referrer', 'campaign', 'browser', 'country'] AS facet, [
  concat(page_urlhost, page_urlpath), refr_urlhost, mkt_campaign,
  multiIf(br_name != '', br_name, br_family != '', br_family,
    ifNull(rest.\`com_snowplowanalytics_snowplow_ua_parser_context_1-useragent_family\`.:String, '')),
  geo_country] AS value
WHERE event = 'page_view' AND value != ''
GROUP BY day, name_tracker, facet, value`,
    ],
  },
];
