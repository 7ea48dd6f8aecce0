import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import {
  DEFAULT_GROUPS,
  DEFAULT_TOPICS,
  type GroupNames,
  type TopicNames,
} from '../../pipeline/contracts/topics.ts';
import { type EventLog, groupLag } from '../../pipeline/log/index.ts';
import { analystTables, clickhouseFreshness } from '../analyst-tables.ts';
import type { ClickHouseConnection } from '../connections.ts';
import type { ControlledStack, ServerHandle } from '../controlled-stack.ts';
import type { CollectorTraits, Stack } from '../stack.ts';
import { freePort } from './free-port.ts';
import { RoleProcess } from './process.ts';
import { pipelineProgress, topicReadings } from './progress.ts';
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
  /** Names the shipper's position in the event log. */
  readonly shipperId?: string;
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
  readonly clickhouse?: ClickHouseConnection | undefined;
  /** By default those that everybody has. */
  readonly topics?: TopicNames;
  readonly groups?: GroupNames;
  readonly elasticsearch?: Stack['elasticsearch'];
  /** Somebody else's collector, which writes the access log. Undefined: ours. */
  readonly collector?: {
    readonly url: string;
    readonly traits: CollectorTraits;
    /** See {@link Stack.answersBeforeLogging}. */
    readonly answersBeforeLogging: boolean;
  };
  /** Somebody else's shipper. Undefined: ours. */
  readonly shipper?: { unshippedBytes(log: EventLog): Promise<number> };
  /** The same, as flags of the roles. */
  readonly flags: {
    /** Of every role that opens the event log. */
    readonly log: readonly string[];
    /** Of the shipper and the workers, by the role or stage that needs them; they count more than the others. */
    readonly roles: Readonly<Record<string, readonly string[]>>;
  };
  /** What every role finds in its environment: settings that neither flags nor its file hold. */
  readonly environment?: Readonly<Record<string, string>>;
  openLog(): EventLog;
  /** Servers that can be killed and started again, by name. */
  readonly handles?: Readonly<Record<string, ServerHandle>>;
  /** The proxies in between, where there are any. */
  readonly network?: ControlledStack['network'];
  /** What they have used, where that can be told. */
  readonly usage?: NonNullable<Stack['serverUsage']>;
  /** Ends them, when the pipeline has stopped. */
  stop(): Promise<void>;
}

const DEFAULT_SHIPPER_ID = 'embedded';
const DATABASE = 'tracking';
const BUILT_IN_COLLECTOR: CollectorTraits = { clientAddress: '127.0.0.1', rawBytesInTarget: false };

/** Those that a record passes through. */
const TOPICS = ['raw', 'processed', 'flattened', 'persisted', 'failed'] as const;

/**
 * Starts the processes of a pipeline on its servers, one a role.
 *
 * @throws ClickproofError when a role cannot start; those already started, and the servers, are stopped again.
 */
export async function startPipeline(
  options: PipelineOptions & { readonly workers: readonly (readonly string[])[] },
  servers: Servers,
): Promise<ControlledStack> {
  const { dataDir, clickproof, shipperId = DEFAULT_SHIPPER_ID } = options;
  const { topics = DEFAULT_TOPICS, groups = DEFAULT_GROUPS } = servers;
  const supervisor = new Supervisor(options.restart !== false);
  const accessLog = join(dataDir, 'access', 'tracking.log');
  const logs = join(dataDir, 'logs');
  const common = ['--data-dir', dataDir];
  if (options.configFile) common.push('--config', options.configFile);
  const onLog = [...servers.flags.log];
  if (options.partitions) onLog.push('--partitions', String(options.partitions));
  const role = (name: string, ...args: string[]) =>
    new RoleProcess({
      name,
      clickproof,
      args: [...args, ...common],
      logFile: join(logs, `${name}.log`),
      environment: { ...servers.environment, ...options.environment?.[name] },
    });
  const worker = (stages: readonly string[], more: readonly string[] = []) => {
    const own = stages.flatMap((stage) => servers.flags.roles[stage] ?? []);
    return role(nameOf(stages), 'worker', ...stages, ...onLog, ...more, ...own);
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
  let clickhouseOf: () => ClickHouseConnection;
  try {
    await mkdir(logs, { recursive: true });
    await mkdir(join(dataDir, 'access'), { recursive: true });
    const [withSink, others] = split(options.workers, (stages) => stages.includes('clickhouse-sink'));
    const first = others.map((stages) => worker(stages));
    if (servers.shipper === undefined) {
      const shipping = ['--log-file', accessLog, '--id', shipperId, ...onLog];
      first.unshift(role('shipper', 'shipper', ...shipping, ...(servers.flags.roles.shipper ?? [])));
    }
    if (servers.collector === undefined) {
      const port = String(options.collectorPort ?? (await freePort()));
      const listening = ['--host', '127.0.0.1', '--port', port];
      const own = role('collector', 'collector', '--access-log', accessLog, ...listening);
      first.unshift(own);
      collector = own;
    } else collector = servers.collector;
    const { clickhouse: theirs } = servers;
    if (theirs === undefined) {
      const clickhouse = role('clickhouse', 'clickhouse', '--port', String(await freePort()));
      clickhouseOf = () => ({ url: clickhouse.url, database: DATABASE });
      first.unshift(clickhouse);
    } else clickhouseOf = () => theirs;
    await supervisor.start(first);
    await supervisor.start(
      withSink.map((stages) => worker(stages, ['--clickhouse-url', clickhouseOf().url])),
    );
  } catch (error) {
    await supervisor.stop().finally(() => servers.stop());
    throw error;
  }

  const readings = topicReadings({
    ...{ topics, groups, clickhouse: true },
    elasticsearch: servers.elasticsearch !== undefined,
  });
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
    topics,
    groups,
    profiles: servers.profiles,
    get clickhouse() {
      return clickhouseOf();
    },
    elasticsearch: servers.elasticsearch,
    accessLog,
    answersBeforeLogging: servers.collector?.answersBeforeLogging,
    get roles() {
      return supervisor.names;
    },
    restarts: supervisor.restarts,
    readings,
    ends: (topic) => log.ends(topic),
    lag: ({ group, topic }, upTo) => groupLag(log, group, topic, upTo),
    progress: async () => ({
      unshippedBytes: await (servers.shipper?.unshippedBytes(log) ??
        unshippedBytes(log, { accessLog, stateTopic: topics.shipperState, shipperId })),
      ...(await pipelineProgress(log, topics, readings)),
    }),
    freshness: (mark) => clickhouseFreshness(clickhouseOf(), mark),
    tables: (mark) => analystTables(clickhouseOf(), mark),
    stats: (name) => find(name).stats(),
    async kill(name, signal) {
      await (handles[name] ?? find(name)).kill(signal);
    },
    async start(name, environment) {
      const server = handles[name];
      await (server ? server.start() : find(name).start(environment));
    },
    pids: () => supervisor.pids(),
    ...(servers.network && { network: servers.network }),
    ...(servers.usage && { serverUsage: servers.usage }),
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
    async written() {
      const ends = await Promise.all(TOPICS.map((name) => log.ends(topics[name])));
      return ends.flat().reduce((sum, { end }) => sum + end, 0);
    },
    async serverLogs() {
      const logs = Object.entries(handles).map(
        async ([name, handle]) => [name, await handle.logs().catch(String)] as const,
      );
      return Object.fromEntries(await Promise.all(logs));
    },
    async stop() {
      try {
        await supervisor.stop();
        await log.close();
      } finally {
        await servers.stop();
      }
    },
  };
}

function split<T>(list: readonly T[], first: (one: T) => boolean): [T[], T[]] {
  return [list.filter(first), list.filter((one) => !first(one))];
}
