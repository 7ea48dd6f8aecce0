import type { Engine } from '../engine/index.ts';
import { type ClickHouseService, startClickHouse } from './clickhouse.ts';
import type { ContainerContext } from './context.ts';
import { type ElasticsearchService, startElasticsearch } from './elasticsearch.ts';
import { type KafkaService, startKafka } from './kafka.ts';
import { closeNetwork, openNetwork } from './network.ts';
import { type RedisService, startRedis } from './redis.ts';
import type { Service } from './service.ts';
import { proxyPorts, startToxiproxy, type ToxiproxyService } from './toxiproxy.ts';

/** The servers of the containers stack, ready. */
export interface Servers {
  readonly context: ContainerContext;
  readonly kafka: KafkaService;
  readonly redis: RedisService;
  readonly elasticsearch: ElasticsearchService;
  readonly clickhouse: ClickHouseService;
  readonly toxiproxy: ToxiproxyService | undefined;
  /** All of them, to be named in faults and reports. */
  readonly services: readonly Service[];
  /** Removes them with their data. */
  stop(): Promise<void>;
}

export interface ServersOptions {
  /** Names the run. */
  readonly run: string;
  /** They outlive this process. */
  readonly kept?: boolean;
  /** Puts Toxiproxy in front of Kafka, Redis, Elasticsearch and ClickHouse, beside the direct ways. */
  readonly proxied?: boolean;
}

const PROXIED = {
  kafka: 'kafka:19093',
  redis: 'redis:6379',
  elasticsearch: 'elasticsearch:9200',
  clickhouse: 'clickhouse:8123',
} as const;

/**
 * Starts the servers all at once on a network of their own. If one does not get ready none is left.
 *
 * @throws ClickproofError what a container could not start for
 */
export async function startServers(engine: Engine, options: ServersOptions): Promise<Servers> {
  const { run, kept = false, proxied = false } = options;
  const context = await openNetwork(engine, run, { kept });
  const ports = proxied ? await proxyPorts(Object.keys(PROXIED)) : undefined;
  const starting = [
    startKafka(context, ports ? { proxied: { host: '127.0.0.1', port: ports.kafka! } } : {}),
    startRedis(context),
    startElasticsearch(context),
    startClickHouse(context),
    ports ? startToxiproxy(context, PROXIED, ports) : undefined,
  ] as const;
  try {
    const [kafka, redis, elasticsearch, clickhouse, toxiproxy] = await Promise.all(starting);
    const started = [kafka, redis, elasticsearch, clickhouse, ...(toxiproxy ? [toxiproxy] : [])];
    return {
      context,
      ...{ kafka, redis, elasticsearch, clickhouse, toxiproxy },
      services: started.map(({ service }) => service),
      stop: () => closeNetwork(context),
    };
  } catch (error) {
    // Those still starting must be there before they can be removed.
    await Promise.allSettled(starting);
    await closeNetwork(context);
    throw error;
  }
}
