import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { openEmbeddedLog } from '../../pipeline/log/index.ts';
import { analystTables, clickhouseFreshness } from '../analyst-tables.ts';
import type { RoleRestart, Stack } from '../stack.ts';
import { freePort } from './free-port.ts';
import { RoleProcess } from './process.ts';
import { pipelineProgress } from './progress.ts';
import { unshippedBytes } from './unshipped.ts';

export interface EmbeddedStackOptions {
  readonly dataDir: string;
  /** Executable and first arguments that run the `clickproof` command. */
  readonly clickproof: readonly string[];
  readonly partitions?: number;
  /** Which stages share a process; the default suits two cores. */
  readonly workers?: readonly (readonly string[])[];
  readonly collectorPort?: number;
  /** A configuration file handed to every role. */
  readonly configFile?: string | undefined;
  /** More environment for single roles, e.g. fail points. */
  readonly environment?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Start a role again when it ends by itself (default), or leave it down. */
  readonly restart?: boolean;
}

const DEFAULT_WORKERS = [
  ['parser', 'flattener'],
  ['persister', 'clickhouse-sink'],
] as const;

const SHIPPER_ID = 'embedded';
/** Of all roles together: 20 of one take a minute and a half. */
const MOST_RESTARTS = 20;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * The whole pipeline from npm packages alone: one process a role, the event log and the profiles in SQLite files
 * that the processes share, ClickHouse's engine (chdb) behind its HTTP protocol.
 *
 * @throws ClickproofError when a role cannot start; those already started are stopped again.
 */
export async function startEmbeddedStack(options: EmbeddedStackOptions): Promise<Stack> {
  const { dataDir, clickproof } = options;
  const logs = join(dataDir, 'logs');
  const accessLog = join(dataDir, 'access', 'tracking.log');
  await mkdir(logs, { recursive: true });
  await mkdir(join(dataDir, 'access'), { recursive: true });
  const common = ['--data-dir', dataDir, '--partitions', String(options.partitions ?? 4)];
  if (options.configFile) common.push('--config', options.configFile);
  const role = (name: string, ...args: string[]) =>
    new RoleProcess({
      name,
      clickproof,
      args: [...args, ...common],
      logFile: join(logs, `${name}.log`),
      environment: { ...options.environment?.[name] },
    });

  const clickhouse = role('clickhouse', 'clickhouse', '--port', String(await freePort()));
  const running: RoleProcess[] = [];
  const restarts: RoleRestart[] = [];
  const stopping = new AbortController();
  const supervise = (process: RoleProcess) => {
    process.onUnexpectedExit = ({ code, signal, message }) => {
      if (stopping.signal.aborted) return;
      const how = message ?? (signal ? `ended by ${signal}` : `ended with code ${code}`);
      restarts.push({ role: process.name, at: Date.now(), how });
      if (options.restart !== false) void startAgain(process);
    };
    running.push(process);
  };
  /** What keeps a role from starting may pass (ClickHouse is away, the disk is full): tries on, waiting ever longer. */
  const startAgain = async (process: RoleProcess) => {
    while (restarts.length <= MOST_RESTARTS) {
      const times = restarts.filter((restart) => restart.role === process.name).length;
      const pause = times === 1 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (times - 2));
      await delay(pause, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      try {
        await process.start();
        return;
      } catch (error) {
        restarts.push({ role: process.name, at: Date.now(), how: String(error) });
      }
    }
  };
  const startAll = async (processes: readonly RoleProcess[]) => {
    for (const process of processes) supervise(process);
    const results = await Promise.allSettled(processes.map((process) => process.start()));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  };
  const stop = async () => {
    stopping.abort();
    // In the order of the data, so that each finishes before what it feeds.
    for (const process of [...running].sort((a, b) => stopOrder(a.name) - stopOrder(b.name)))
      await process.stop();
  };

  let collector: RoleProcess;
  try {
    collector = role(
      'collector',
      'collector',
      '--access-log',
      accessLog,
      '--host',
      '127.0.0.1',
      '--port',
      String(options.collectorPort ?? (await freePort())),
    );
    const shipper = role('shipper', 'shipper', '--log-file', accessLog, '--id', SHIPPER_ID);
    const workers = (options.workers ?? DEFAULT_WORKERS).map((stages) => stages.join('+'));
    const withSink = workers.filter((name) => name.split('+').includes('clickhouse-sink'));
    const others = workers.filter((name) => !withSink.includes(name));
    await startAll([
      clickhouse,
      collector,
      shipper,
      ...others.map((name) => role(name, 'worker', ...name.split('+'))),
    ]);
    await startAll(
      withSink.map((name) => role(name, 'worker', ...name.split('+'), '--clickhouse-url', clickhouse.url)),
    );
  } catch (error) {
    await stop();
    throw error;
  }

  const log = openEmbeddedLog({ path: join(dataDir, 'events.db') });
  const find = (name: string): RoleProcess => {
    const found = running.find((process) => process.name === name || process.name.split('+').includes(name));
    if (found) return found;
    throw new ClickproofError('UNKNOWN_ROLE', `there is no role "${name}"`, {
      remedy: `there are: ${running.map(({ name: known }) => known).join(', ')}`,
    });
  };

  return {
    kind: 'embedded',
    description: [
      'embedded stack: collector, shipper and stages are real; SQLite stands in for Kafka and Redis, chdb (ClickHouse’s own engine) ' +
        'for the ClickHouse server; Elasticsearch is off. ' +
        'The real ones: npm run simulate -- --stack containers (not built yet; a real collector: --target URL)',
    ],
    collectorUrl: collector.url,
    eventLog: { kind: 'embedded', path: join(dataDir, 'events.db') },
    profiles: { kind: 'sqlite', path: join(dataDir, 'profiles.db') },
    get clickhouse() {
      return { url: clickhouse.url, database: 'tracking' };
    },
    accessLog,
    get roles() {
      return running.map(({ name }) => name);
    },
    restarts,
    progress: async () => pipelineProgress(log, await unshippedBytes(log, accessLog, SHIPPER_ID)),
    freshness: (mark) => clickhouseFreshness(clickhouse.url, mark),
    tables: (mark) => analystTables(clickhouse.url, mark),
    stats: (name) => find(name).stats(),
    kill: (name, signal) => find(name).kill(signal),
    start: (name, environment) => find(name).start(environment),
    pids: () =>
      new Map(running.flatMap(({ name, pid }) => (pid === undefined ? [] : [[name, pid] as const]))),
    async stop() {
      await stop();
      await log.close();
    },
  };
}

const STOP_ORDER = [
  'collector',
  'shipper',
  'parser',
  'flattener',
  'persister',
  'clickhouse-sink',
  'clickhouse',
];

function stopOrder(name: string): number {
  return STOP_ORDER.indexOf(name.split('+')[0]!);
}
