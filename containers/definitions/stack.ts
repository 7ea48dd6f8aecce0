import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DEFAULT_TOPICS } from '../../pipeline/contracts/topics.ts';
import { openKafkaLog } from '../../pipeline/log/kafka/index.ts';
import type { ControlledStack } from '../controlled-stack.ts';
import { connectEngine, containerUsage } from '../engine/index.ts';
import { FilebeatRegistry } from '../roles/filebeat-registry.ts';
import { type PipelineOptions, type Servers as PipelineServers, startPipeline } from '../roles/pipeline.ts';
import { startFollowedShipper } from './filebeat.ts';
import { KAFKA_LINKS, type Link } from './links.ts';
import { startNginx } from './nginx.ts';
import { type Servers, startServers } from './servers.ts';
import type { Service } from './service.ts';
import { startTogether } from './start-together.ts';
import type { ToxiproxyService } from './toxiproxy.ts';

export interface ContainersStackOptions extends PipelineOptions {
  /** Names the run, in the names of its containers. */
  readonly run: string;
  /** Who takes the requests; ours by default. */
  readonly collector?: 'built-in' | 'nginx';
  /** Who takes the access log to Kafka; ours by default. */
  readonly shipper?: 'built-in' | 'filebeat';
  /** Puts a proxy between each process of the pipeline and each server that it talks to. */
  readonly network?: boolean;
  /** Gives up the start of the servers. */
  readonly signal?: AbortSignal;
}

const DEFAULT_WORKERS = [
  ['parser', 'flattener'],
  ['persister', 'clickhouse-sink', 'elasticsearch-sink'],
] as const;

/** Of a server's log, when something went wrong. */
const LOG_LINES = 2_000;

/**
 * The same pipeline on real servers, each in a container: Kafka, Redis, Elasticsearch, ClickHouse.
 *
 * @throws ClickproofError ENGINE_…, IMAGE_NOT_AVAILABLE, CONTAINER_…, or what keeps a role from starting; nothing is left running.
 */
export async function startContainersStack(options: ContainersStackOptions): Promise<ControlledStack> {
  const engine = await connectEngine();
  const { run, signal, network: proxied } = options;
  const servers = await startServers(engine, { run, signal, ...(proxied && { proxied }) });
  let front: Front;
  try {
    front = await startFront(servers, options);
  } catch (error) {
    await servers.stop();
    throw error;
  }
  const { collector, shipper, services, filebeat } = front;
  const stack = await startPipeline(
    { ...options, workers: options.workers ?? DEFAULT_WORKERS },
    {
      ...connections(servers, [...servers.services, ...services], engine.description),
      // An engine that does not tell (it is busy, or knows no such question) is left out of one look.
      usage: () => containerUsage(engine, options.run).catch(() => new Map()),
      ...(collector && { collector }),
      ...(shipper && { shipper }),
    },
  );
  if (filebeat === undefined) return stack;
  try {
    await startAnew(filebeat);
  } catch (error) {
    await stack.stop();
    throw error;
  }
  return stack;
}

/**
 * The roles have made the topics. A Filebeat that wrote before has met partitions without a leader, and its client may refuse everything for
 * ten seconds then; of a batch of which all is refused Filebeat 7.17 says that it was taken (libbeat/outputs/kafka/client.go, `fail` and `dec`).
 */
async function startAnew(filebeat: Service): Promise<void> {
  await filebeat.halt();
  await filebeat.start();
}

/** What stands before Kafka, as far as it is not ours. */
interface Front extends Pick<PipelineServers, 'collector' | 'shipper'> {
  readonly services: readonly Service[];
  readonly filebeat?: Service;
}

async function startFront(
  { context: opened }: Servers,
  { dataDir, collector, shipper }: ContainersStackOptions,
): Promise<Front> {
  const logDirectory = join(resolve(dataDir), 'access');
  const filebeatData = join(resolve(dataDir), 'filebeat');
  for (const directory of [logDirectory, filebeatData]) await mkdir(directory, { recursive: true });
  const [nginx, filebeat] = await startTogether(
    opened,
    (context) =>
      [
        collector === 'nginx' ? startNginx(context, logDirectory) : undefined,
        shipper === 'filebeat'
          ? startFollowedShipper(context, { logDirectory, dataDirectory: filebeatData })
          : undefined,
      ] as const,
  );
  const registry = new FilebeatRegistry(filebeatData);
  return {
    services: [nginx, filebeat].flatMap((one) => (one ? [one.service] : [])),
    ...(nginx && {
      collector: {
        url: nginx.url,
        traits: { clientAddress: nginx.clientAddress, rawBytesInTarget: true },
        answersBeforeLogging: true,
      },
    }),
    ...(filebeat && {
      filebeat: filebeat.service,
      shipper: { unshippedBytes: () => registry.unshippedBytes(join(logDirectory, 'tracking.log')) },
    }),
  };
}

function connections(servers: Servers, services: readonly Service[], engine: string): PipelineServers {
  const brokers = [servers.kafka.broker];
  const { redis, elasticsearch, clickhouse, toxiproxy } = servers;
  return {
    kind: 'containers',
    description: describe(services, engine),
    eventLog: { kind: 'kafka', brokers },
    profiles: { kind: 'redis', url: redis.url },
    clickhouse: { url: clickhouse.url, database: 'tracking' },
    elasticsearch: { url: elasticsearch.url, alias: DEFAULT_TOPICS.persisted },
    flags: {
      log: ['--event-log', 'kafka', '--kafka-brokers', brokers.join(',')],
      roles: {
        persister: ['--profiles', 'redis', '--redis-url', redis.url],
        'elasticsearch-sink': ['--elasticsearch-url', elasticsearch.url],
        ...(toxiproxy && proxiedFlags(toxiproxy)),
      },
    },
    ...(toxiproxy && { network: toxiproxy }),
    openLog: () => openKafkaLog({ brokers }),
    handles: Object.fromEntries(
      services.map((service) => [
        service.name,
        {
          kill: (signal) => service.signal(signal),
          start: () => service.start(),
          halt: () => service.halt(),
          pause: () => service.pause(),
          resume: () => service.unpause(),
          state: () => service.state(),
          logs: () => service.logs(LOG_LINES),
        },
      ]),
    ),
    stop: () => servers.stop(),
  };
}

/** How each role reaches its servers, when that leads through the proxies of its own. */
function proxiedFlags({ proxies }: ToxiproxyService): Record<string, readonly string[]> {
  const through = (link: Link) => proxies[link]!;
  return {
    ...Object.fromEntries(
      KAFKA_LINKS.map((link) => [link.slice(0, -'-kafka'.length), ['--kafka-brokers', through(link)]]),
    ),
    persister: [
      ...['--kafka-brokers', through('persister-kafka'), '--profiles', 'redis'],
      ...['--redis-url', `redis://${through('persister-redis')}`],
    ],
    'clickhouse-sink': [
      ...['--kafka-brokers', through('clickhouse-sink-kafka')],
      ...['--clickhouse-url', `http://${through('clickhouse-sink-clickhouse')}`],
    ],
    'elasticsearch-sink': [
      ...['--kafka-brokers', through('elasticsearch-sink-kafka')],
      ...['--elasticsearch-url', `http://${through('elasticsearch-sink-elasticsearch')}`],
    ],
  };
}

/** What is real, and what only stands in. */
function describe(services: readonly Service[], engine: string): string[] {
  const standIns = services.filter(({ image }) => image.standIn !== undefined);
  const real = services.filter(({ image }) => image.standIn === undefined);
  const built = (origin: string) => (origin === 'assembled' ? ', built by npm run images' : '');
  const named = real.map(({ name, image }) => `${name} (${image.name}${built(image.origin)})`).join(', ');
  return [
    `containers stack on ${engine}: real servers: ${named}; the rest is ours`,
    ...standIns.map(({ name, image }) => `${name} is ${image.standIn}`),
  ];
}
