export { ATOMIC_COLUMNS, type ColumnKind } from './atomic-columns.ts';
export { clickhouseClient } from './client.ts';
export { decodeEvent, EXACT_OUTPUT_SETTINGS } from './decode.ts';
export * from './queries.ts';
export { type ClickHouseSinkSettings, clickhouseSinkSettings } from './settings.ts';
export { type ClickHouseSink, type ClickHouseSinkStats, startClickHouseSink } from './sink.ts';
