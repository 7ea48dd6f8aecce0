import { createHash } from 'node:crypto';
import type { ClickHouseClient } from '@clickhouse/client';
import { ClickproofError } from '../../contracts/errors.ts';
import type { Diagnostics } from '../../contracts/running.ts';
import { MIGRATIONS, type Migration } from './schema.ts';

interface Applied {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
}

export interface MigrateOptions {
  readonly database: string;
  /** Bring an older schema up to date; otherwise it is refused. */
  readonly migrate: boolean;
  readonly diagnostics: Diagnostics;
  readonly migrations?: readonly Migration[];
}

/**
 * Makes the schema what this version works with. Several processes may do so at once: every statement can be repeated, and the
 * record of a step is written after it, so that a death in between repeats it.
 *
 * @throws ClickproofError SCHEMA_NEWER, SCHEMA_OLDER, SCHEMA_FOREIGN
 */
export async function migrate(client: ClickHouseClient, options: MigrateOptions): Promise<void> {
  const { database, diagnostics, migrations = MIGRATIONS } = options;
  await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` });
  await client.command({
    query: `CREATE TABLE IF NOT EXISTS ${database}.schema_migrations (
  version UInt32, name String, checksum String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree ORDER BY version`,
  });
  const applied = await readApplied(client, database);
  check(applied, options, migrations);
  for (const migration of migrations) {
    if (applied.some(({ version }) => version === migration.version)) continue;
    for (const query of migration.statements(database)) await client.command({ query });
    await client.insert({
      table: `${database}.schema_migrations`,
      values: [{ version: migration.version, name: migration.name, checksum: checksum(migration) }],
      columns: ['version', 'name', 'checksum'],
      format: 'JSONEachRow',
    });
    diagnostics.info('ClickHouse schema', { database, version: migration.version, name: migration.name });
  }
}

function check(applied: readonly Applied[], options: MigrateOptions, migrations: readonly Migration[]): void {
  const { database, migrate: allowed } = options;
  const newest = migrations.at(-1)?.version ?? 0;
  for (const { version, name, checksum: recorded } of applied) {
    const known = migrations.find((migration) => migration.version === version);
    if (known === undefined) {
      throw new ClickproofError(
        'SCHEMA_NEWER',
        `the ClickHouse database ${database} has schema version ${version} (${name}); this version of clickproof knows ${newest}`,
        {
          remedy:
            'use the version of clickproof that made it, or another database with --clickhouse-database',
        },
      );
    }
    if (checksum(known) !== recorded) {
      throw new ClickproofError(
        'SCHEMA_FOREIGN',
        `schema version ${version} of the ClickHouse database ${database} is not the one that clickproof makes`,
        { remedy: 'use another database with --clickhouse-database, or drop this one and fill it again' },
      );
    }
  }
  const missing = migrations.filter(({ version }) => applied.every((step) => step.version !== version));
  if (!allowed && missing.length > 0) {
    throw new ClickproofError(
      'SCHEMA_OLDER',
      `the ClickHouse database ${database} lacks schema version ${missing.map(({ version }) => version).join(', ')}`,
      { remedy: 'start once with --clickhouse-migrate true' },
    );
  }
}

async function readApplied(client: ClickHouseClient, database: string): Promise<Applied[]> {
  const result = await client.query({
    query: `SELECT version, name, checksum FROM ${database}.schema_migrations FINAL ORDER BY version`,
    format: 'JSONEachRow',
  });
  return result.json<Applied>();
}

function checksum(migration: Migration): string {
  return createHash('sha256').update(migration.statements('database').join('\n')).digest('hex').slice(0, 16);
}
