import type { Engine } from '../engine/index.ts';
import { type ClickHouseService, startClickHouse } from './clickhouse.ts';
import type { ContainerContext } from './context.ts';
import { type ElasticsearchService, startElasticsearch } from './elasticsearch.ts';
import { engineMemory, requireMemory } from './enough-memory.ts';
import { type KafkaService, startKafka } from './kafka.ts';
import { KAFKA_LINKS, linkTargets } from './links.ts';
import { closeNetwork, openNetwork } from './network.ts';
import { type RedisService, startRedis } from './redis.ts';
import type { Service } from './service.ts';
import { startTogether } from './start-together.ts';
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
  /** Puts Toxiproxy between each process of the pipeline and each server that it talks to (`LINKS`), beside the direct ways. */
  readonly proxied?: boolean;
  /** Gives up the start. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts the servers all at once on a network of their own. If one does not get ready none is left.
 *
 * @throws ClickproofError MEMORY_TOO_SMALL; what a container could not start for; the signal's reason when it is aborted
 */
export async function startServers(engine: Engine, options: ServersOptions): Promise<Servers> {
  const { run, kept = false, proxied = false, signal } = options;
  requireMemory(await engineMemory(engine));
  const targets = linkTargets();
  const ports = proxied ? await proxyPorts(Object.keys(targets)) : undefined;
  const opened = await openNetwork(engine, run, { kept, signal });
  const [kafka, redis, elasticsearch, clickhouse, toxiproxy] = await startTogether(
    opened,
    (context) =>
      [
        startKafka(context, ports ? { proxied: KAFKA_LINKS.map((link) => ports[link]!) } : {}),
        startRedis(context),
        startElasticsearch(context),
        startClickHouse(context),
        ports ? startToxiproxy(context, targets, ports) : undefined,
      ] as const,
  );
  const started = [kafka, redis, elasticsearch, clickhouse, ...(toxiproxy ? [toxiproxy] : [])];
  return {
    context: opened,
    ...{ kafka, redis, elasticsearch, clickhouse, toxiproxy },
    services: started.map(({ service }) => service),
    stop: () => closeNetwork(opened),
  };
}
