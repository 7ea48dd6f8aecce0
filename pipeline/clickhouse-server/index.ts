export { type ClickHouseServer, startClickHouseServer } from './server.ts';
export { type ClickHouseServerSettings, clickhouseServerSettings } from './settings.ts';
