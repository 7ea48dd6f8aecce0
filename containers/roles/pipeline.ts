import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { EventLog } from '../../pipeline/log/index.ts';
import { analystTables, clickhouseFreshness } from '../analyst-tables.ts';
import type { ControlledStack, ServerHandle } from '../controlled-stack.ts';
import type { CollectorTraits, Stack } from '../stack.ts';
import { freePort } from './free-port.ts';
import { RoleProcess } from './process.ts';
import { pipelineProgress } from './progress.ts';
import { Supervisor } from './supervisor.ts';
import { unshippedBytes } from './unshipped.ts';

/** What every stack can be told, whatever its servers are. */
export interface PipelineOptions {
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

/** The servers of a stack, as the processes of its pipeline see them. */
export interface Servers extends Pick<Stack, 'kind' | 'description' | 'eventLog' | 'profiles'> {
  /** Undefined: a process of the stack serves it. */
  readonly clickhouseUrl?: string;
  readonly elasticsearch?: Stack['elasticsearch'];
  /** Somebody else's collector, which writes the access log. Undefined: ours. */
  readonly collector?: { readonly url: string; readonly traits: CollectorTraits };
  /** Somebody else's shipper. Undefined: ours. */
  readonly shipper?: { unshippedBytes(log: EventLog): Promise<number> };
  /** The same, as flags of the roles. */
  readonly flags: {
    /** Of every role that opens the event log. */
    readonly log: readonly string[];
    /** Of the workers, by the stage that needs them. */
    readonly stages: Readonly<Record<string, readonly string[]>>;
  };
  openLog(): EventLog;
  /** Servers that can be killed and started again, by name. */
  readonly handles?: Readonly<Record<string, ServerHandle>>;
  /** Ends them, when the pipeline has stopped. */
  stop(): Promise<void>;
}

const SHIPPER_ID = 'embedded';
const BUILT_IN_COLLECTOR: CollectorTraits = { clientAddress: '127.0.0.1', rawBytesInTarget: false };

/**
 * Starts the processes of a pipeline on its servers, one a role.
 *
 * @throws ClickproofError when a role cannot start; those already started, and the servers, are stopped again.
 */
export async function startPipeline(
  options: PipelineOptions & { readonly workers: readonly (readonly string[])[] },
  servers: Servers,
): Promise<ControlledStack> {
  const { dataDir, clickproof } = options;
  const supervisor = new Supervisor(options.restart !== false);
  const accessLog = join(dataDir, 'access', 'tracking.log');
  const logs = join(dataDir, 'logs');
  const common = ['--data-dir', dataDir];
  if (options.configFile) common.push('--config', options.configFile);
  const onLog = ['--partitions', String(options.partitions ?? 4), ...servers.flags.log];
  const role = (name: string, ...args: string[]) =>
    new RoleProcess({
      name,
      clickproof,
      args: [...args, ...common],
      logFile: join(logs, `${name}.log`),
      environment: { ...options.environment?.[name] },
    });
  const worker = (stages: readonly string[], more: readonly string[] = []) => {
    const own = stages.flatMap((stage) => servers.flags.stages[stage] ?? []);
    return role(nameOf(stages), 'worker', ...stages, ...onLog, ...own, ...more);
  };

  const named = new Map<string, number>();
  /** The second process of the same stages is `parser-2`. */
  const nameOf = (stages: readonly string[]) => {
    const name = stages.join('+');
    const count = (named.get(name) ?? 0) + 1;
    named.set(name, count);
    return count === 1 ? name : `${name}-${count}`;
  };

  let collector: Pick<RoleProcess, 'url'>;
  let clickhouseUrl: () => string;
  try {
    await mkdir(logs, { recursive: true });
    await mkdir(join(dataDir, 'access'), { recursive: true });
    const [withSink, others] = split(options.workers, (stages) => stages.includes('clickhouse-sink'));
    const first = others.map((stages) => worker(stages));
    if (servers.shipper === undefined) {
      first.unshift(role('shipper', 'shipper', '--log-file', accessLog, '--id', SHIPPER_ID, ...onLog));
    }
    if (servers.collector === undefined) {
      const port = String(options.collectorPort ?? (await freePort()));
      const listening = ['--host', '127.0.0.1', '--port', port];
      const own = role('collector', 'collector', '--access-log', accessLog, ...listening);
      first.unshift(own);
      collector = own;
    } else collector = servers.collector;
    if (servers.clickhouseUrl === undefined) {
      const clickhouse = role('clickhouse', 'clickhouse', '--port', String(await freePort()));
      clickhouseUrl = () => clickhouse.url;
      first.unshift(clickhouse);
    } else {
      const url = servers.clickhouseUrl;
      clickhouseUrl = () => url;
    }
    await supervisor.start(first);
    await supervisor.start(withSink.map((stages) => worker(stages, ['--clickhouse-url', clickhouseUrl()])));
  } catch (error) {
    await supervisor.stop();
    await servers.stop();
    throw error;
  }

  const log = servers.openLog();
  const handles = servers.handles ?? {};
  const find = (name: string): RoleProcess => {
    const found = supervisor.find(name);
    if (found) return found;
    throw new ClickproofError('UNKNOWN_ROLE', `there is no role "${name}"`, {
      remedy: `there are: ${[...supervisor.names, ...Object.keys(handles)].join(', ')}`,
    });
  };

  return {
    kind: servers.kind,
    description: servers.description,
    collectorUrl: collector.url,
    collector: servers.collector?.traits ?? BUILT_IN_COLLECTOR,
    eventLog: servers.eventLog,
    profiles: servers.profiles,
    get clickhouse() {
      return { url: clickhouseUrl(), database: 'tracking' };
    },
    elasticsearch: servers.elasticsearch,
    accessLog,
    get roles() {
      return supervisor.names;
    },
    restarts: supervisor.restarts,
    progress: async () =>
      pipelineProgress(log, {
        unshippedBytes: await (servers.shipper?.unshippedBytes(log) ??
          unshippedBytes(log, accessLog, SHIPPER_ID)),
        elasticsearch: servers.elasticsearch !== undefined,
      }),
    freshness: (mark) => clickhouseFreshness(clickhouseUrl(), mark),
    tables: (mark) => analystTables(clickhouseUrl(), mark),
    stats: (name) => find(name).stats(),
    async kill(name, signal) {
      await (handles[name] ?? find(name)).kill(signal);
    },
    async start(name, environment) {
      const server = handles[name];
      await (server ? server.start() : find(name).start(environment));
    },
    pids: () => supervisor.pids(),
    servers: Object.keys(handles),
    state: async (name) => (handles[name] ?? find(name)).state(),
    async halt(name) {
      await (handles[name]?.halt() ?? find(name).stop());
    },
    async pause(name) {
      await (handles[name]?.pause() ?? find(name).kill('SIGSTOP'));
    },
    async resume(name) {
      await (handles[name]?.resume() ?? find(name).kill('SIGCONT'));
    },
    async serverLogs() {
      const logs = Object.entries(handles).map(
        async ([name, handle]) => [name, await handle.logs()] as const,
      );
      return Object.fromEntries(await Promise.all(logs));
    },
    async stop() {
      await supervisor.stop();
      await log.close();
      await servers.stop();
    },
  };
}

function split<T>(list: readonly T[], first: (one: T) => boolean): [T[], T[]] {
  return [list.filter(first), list.filter((one) => !first(one))];
}
