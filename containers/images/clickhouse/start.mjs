// Starts the HTTP front with the settings that the official image takes from the environment.
import { existsSync } from 'node:fs';

const { CLICKHOUSE_USER: user = 'default', CLICKHOUSE_PASSWORD: password = '' } = process.env;
process.argv[2] = JSON.stringify({
  path: '/var/lib/clickhouse/data',
  host: '0.0.0.0',
  port: 8123,
  user,
  password,
  maxMemoryBytes: '1GiB',
});
const main = '/app/pipeline/clickhouse-server/main';
await import(existsSync(`${main}.ts`) ? `${main}.ts` : `${main}.js`);
