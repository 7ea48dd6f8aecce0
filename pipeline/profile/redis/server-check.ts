import { Cluster } from 'ioredis';
import { ClickproofError } from '../../contracts/errors.ts';
import type { RedisConnection } from './connection.ts';

/** The oldest version whose scripts are stored in the append-only file as what they did, as one transaction. */
const OLDEST = 6;

export interface ServerReport {
  readonly version: string;
  /** Things that are no reason to refuse the server, but that somebody should know. */
  readonly warnings: readonly string[];
}

/**
 * Checks that a server (every master, in a cluster) can keep profiles. An evicted profile could not be told from a visitor who
 * was never seen, so a server that evicts is refused; what a server loses as a whole is folded again.
 *
 * @throws ClickproofError REDIS_EVICTS, REDIS_TOO_OLD
 */
export async function checkServer(connection: RedisConnection, patienceMs?: number): Promise<ServerReport> {
  const infos = await connection.run(async (client) => {
    if (!(client instanceof Cluster)) return [await client.info()];
    const masters = client.nodes('master');
    if (masters.length === 0) throw new Error('no node of the cluster is known yet');
    return Promise.all(masters.map((node) => node.info()));
  }, patienceMs);
  const reports = infos.map((info) => report(parseInfo(info), connection.name));
  return {
    version: reports[0]!.version,
    warnings: [...new Set(reports.flatMap(({ warnings }) => warnings))],
  };
}

function report(info: ReadonlyMap<string, string>, redis: string): ServerReport {
  const version = info.get('redis_version') ?? 'unknown';
  if (!(Number.parseInt(version, 10) >= OLDEST)) {
    throw new ClickproofError(
      'REDIS_TOO_OLD',
      `Redis at ${redis} is version ${version}, at least ${OLDEST} is needed`,
      { remedy: 'use a newer Redis' },
    );
  }
  const policy = info.get('maxmemory_policy') ?? 'unknown';
  if (policy !== 'noeviction') {
    throw new ClickproofError(
      'REDIS_EVICTS',
      `Redis at ${redis} drops keys when memory is short (maxmemory-policy ${policy}): profiles would silently be wrong`,
      { remedy: 'run CONFIG SET maxmemory-policy noeviction and keep it in its configuration' },
    );
  }
  const warnings: string[] = [];
  if (info.get('aof_enabled') !== '1') {
    warnings.push(
      'Redis keeps no append-only file (appendonly no): what it loses is folded again from the event log, which must reach back that far',
    );
  } else if (info.get('aof_last_write_status') === 'err') {
    warnings.push('Redis failed to write its append-only file the last time it tried');
  }
  return { version, warnings };
}

function parseInfo(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) values.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return values;
}
