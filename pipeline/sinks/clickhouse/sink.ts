import { type ClickHouseClient, ClickHouseError } from '@clickhouse/client';
import { ClickproofError, hasCode } from '../../contracts/errors.ts';
import type { Diagnostics, Running } from '../../contracts/running.ts';
import { waitingFor } from '../../contracts/waiting.ts';
import { type RunningWorker, startWorker, type WorkerDependencies } from '../../stages/worker.ts';
import type { WorkerStats } from '../../stages/worker-stats.ts';
import { sinkReading } from '../settings.ts';
import { clickhouseClient, insertRows } from './client.ts';
import { EVENT_COLUMNS } from './encode.ts';
import { EventsTable, STAGE } from './events-table.ts';
import { FAILED_COLUMNS, FailedTable } from './failed-table.ts';
import { Inserter, type InserterStats } from './inserter.ts';
import { migrate } from './migrate.ts';
import type { ClickHouseSinkSettings } from './settings.ts';
import { SinkHandler } from './sink-handler.ts';

export interface ClickHouseSinkStats {
  readonly events: WorkerStats & { readonly inserts: InserterStats };
  readonly failed: WorkerStats & { readonly inserts: InserterStats };
}

export interface ClickHouseSink extends Running {
  stats(): ClickHouseSinkStats;
  /** Offsets of both topics that are not inserted yet. */
  lag(): Promise<number>;
}

export interface ClickHouseSinkDependencies extends WorkerDependencies {
  /** Ends the waiting for a ClickHouse that does not answer yet. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads `tracking_persisted` into `events` and `tracking_failed` into `failed`: at least once, and twice is as good as
 * once (see `schema.ts`).
 *
 * @throws ClickproofError CLICKHOUSE_UNREACHABLE, CLICKHOUSE_DENIED, SCHEMA_NEWER, SCHEMA_OLDER, SCHEMA_FOREIGN, TOPIC_MISSING
 */
export async function startClickHouseSink(
  settings: ClickHouseSinkSettings,
  { log, topics, groups, diagnostics, signal }: ClickHouseSinkDependencies,
): Promise<ClickHouseSink> {
  const client = clickhouseClient(settings);
  const database = settings.clickhouseDatabase;
  const inserterOf = (table: string, columns: readonly string[]) =>
    new Inserter({
      insert: (rows) => insertRows(client, { table: `${database}.${table}`, columns }, rows),
      batchRows: settings.sinkBatchRows,
      batchBytes: settings.sinkBatchBytes,
      batchAgeMs: settings.sinkBatchAge,
      retryMinMs: settings.sinkRetryMin,
      retryMaxMs: settings.sinkRetryMax,
      diagnostics,
    });
  const inserters = [inserterOf('events', EVENT_COLUMNS), inserterOf('failed', FAILED_COLUMNS)] as const;
  const workers: RunningWorker[] = [];
  const end = async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await Promise.all(inserters.map((inserter) => inserter.stop()));
    await client.close();
  };
  const reading = { ...sinkReading(settings), linger: Math.min(50, settings.sinkBatchAge) };
  const full = { records: settings.sinkReadRecords, bytes: settings.sinkReadBytes };
  const from = (group: string, input: string) => ({
    stage: STAGE,
    group,
    input,
    output: topics.failed,
    failed: topics.failed,
  });
  try {
    // Its URL may hold a password.
    const { origin } = new URL(settings.clickhouseUrl);
    await waitingFor(
      'ClickHouse',
      origin,
      diagnostics,
      () => connect(client, settings, origin, diagnostics),
      {
        timeoutMs: settings.sinkConnectTimeout,
        passes: (error) => hasCode(error, 'CLICKHOUSE_UNREACHABLE'),
        signal,
      },
    );
    workers.push(
      await startWorker(
        from(groups.clickhouse, topics.persisted),
        reading,
        { log, diagnostics },
        (partition, parts) => {
          return new SinkHandler(new EventsTable(parts.records), inserters[0], partition, parts, full);
        },
      ),
      await startWorker(
        from(groups.clickhouseFailed, topics.failed),
        reading,
        { log, diagnostics },
        (partition, parts) => {
          return new SinkHandler(new FailedTable(diagnostics), inserters[1], partition, parts, full);
        },
      ),
    );
  } catch (error) {
    await end();
    throw error;
  }
  const [events, failed] = workers as [RunningWorker, RunningWorker];
  let stopping: Promise<void> | undefined;
  return {
    done: Promise.all([events.done, failed.done]).then(() => undefined),
    stop() {
      stopping ??= end();
      return stopping;
    },
    stats: () => ({
      events: { ...events.stats(), inserts: { ...inserters[0].stats } },
      failed: { ...failed.stats(), inserts: { ...inserters[1].stats } },
    }),
    lag: async () => (await events.lag()) + (await failed.lag()),
  };
}

/** Makes the schema. */
async function connect(
  client: ClickHouseClient,
  settings: ClickHouseSinkSettings,
  origin: string,
  diagnostics: Diagnostics,
): Promise<void> {
  try {
    await migrate(client, {
      database: settings.clickhouseDatabase,
      migrate: settings.clickhouseMigrate,
      diagnostics,
    });
  } catch (cause) {
    if (cause instanceof ClickproofError) throw cause;
    if (cause instanceof ClickHouseError && DENIED.has(cause.code)) {
      throw new ClickproofError('CLICKHOUSE_DENIED', `ClickHouse at ${origin} denies access`, {
        remedy: 'check --clickhouse-user, --clickhouse-password and what that user may do',
        cause,
      });
    }
    throw new ClickproofError(
      'CLICKHOUSE_UNREACHABLE',
      `ClickHouse at ${origin} cannot be used: ${(cause as Error).message || String(cause)}`,
      { remedy: 'start it (clickproof clickhouse), or say where it is with --clickhouse-url', cause },
    );
  }
}

const DENIED = new Set(['192', '193', '194', '497', '516']);
