import { DEFAULT_TOPICS } from '../../pipeline/contracts/topics.ts';
import { openKafkaLog } from '../../pipeline/log/kafka/index.ts';
import { connectEngine, removeRun } from '../engine/index.ts';
import { type PipelineOptions, startPipeline } from '../roles/pipeline.ts';
import type { Stack } from '../stack.ts';
import { type Servers, startServers } from './servers.ts';

export interface ContainersStackOptions extends PipelineOptions {
  /** Names the run, in the names of its containers. */
  readonly run: string;
  /** Gives up the start of the servers. */
  readonly signal?: AbortSignal;
}

const DEFAULT_WORKERS = [
  ['parser', 'flattener'],
  ['persister', 'clickhouse-sink', 'elasticsearch-sink'],
] as const;

/**
 * The same pipeline on real servers, each in a container: Kafka, Redis, Elasticsearch, ClickHouse.
 *
 * @throws ClickproofError ENGINE_…, IMAGE_NOT_AVAILABLE, CONTAINER_…, or what keeps a role from starting; nothing is left running.
 */
export async function startContainersStack(options: ContainersStackOptions): Promise<Stack> {
  const engine = await connectEngine();
  const servers = await startServers(engine, { run: options.run, signal: options.signal });
  return startPipeline(
    { ...options, workers: options.workers ?? DEFAULT_WORKERS },
    connections(servers, engine.description),
  );
}

/** Removes the containers of a run that has no time to stop them. */
export async function removeContainers(run: string): Promise<void> {
  await removeRun(await connectEngine(), run);
}

function connections(servers: Servers, engine: string): Parameters<typeof startPipeline>[1] {
  const brokers = [servers.kafka.broker];
  const { redis, elasticsearch, clickhouse, services } = servers;
  return {
    kind: 'containers',
    description: describe(servers, engine),
    eventLog: { kind: 'kafka', brokers },
    profiles: { kind: 'redis', url: redis.url },
    clickhouseUrl: clickhouse.url,
    elasticsearch: { url: elasticsearch.url, alias: DEFAULT_TOPICS.persisted },
    flags: {
      log: ['--event-log', 'kafka', '--kafka-brokers', brokers.join(',')],
      stages: {
        persister: ['--profiles', 'redis', '--redis-url', redis.url],
        'elasticsearch-sink': ['--elasticsearch-url', elasticsearch.url],
      },
    },
    openLog: () => openKafkaLog({ brokers }),
    server(name) {
      const service = services.find((one) => one.name === name);
      return service && { kill: (signal) => service.signal(signal), start: () => service.start() };
    },
    stop: () => servers.stop(),
  };
}

/** What is real, and what only stands in. */
function describe({ services }: Servers, engine: string): string[] {
  const standIns = services.filter(({ image }) => image.standIn !== undefined);
  const real = services.filter(({ image }) => image.standIn === undefined);
  const named = real.map(({ name, image }) => `${name} ${image.origin} (${image.name})`).join(', ');
  return [
    `containers stack on ${engine}: collector, shipper and stages are ours; real servers: ${named}`,
    ...standIns.map(({ name, image }) => `${name} is ${image.standIn}`),
  ];
}
