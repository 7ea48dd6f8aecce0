import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { ClickHouseConnection } from './connections.ts';

/** A client for those who look at ClickHouse from outside: the checker, the report, the start of a run. */
export function clickhouseClient({
  url,
  database,
  user,
  password,
  ca,
}: ClickHouseConnection): ClickHouseClient {
  return createClient({
    url,
    database,
    ...(user && { username: user }),
    ...(password && { password }),
    ...(ca && { tls: { ca_cert: Buffer.from(ca.join('\n')) } }),
    log: { level: ClickHouseLogLevel.OFF },
  });
}
