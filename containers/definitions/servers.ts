import { setTimeout as sleep } from 'node:timers/promises';
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
  const context = await openNetwork(engine, run, { kept });
  const targets = linkTargets();
  const ports = proxied ? await proxyPorts(Object.keys(targets)) : undefined;
  const starting = [
    startKafka(context, ports ? { proxied: KAFKA_LINKS.map((link) => ports[link]!) } : {}),
    startRedis(context),
    startElasticsearch(context),
    startClickHouse(context),
    ports ? startToxiproxy(context, targets, ports) : undefined,
  ] as const;
  try {
    const [kafka, redis, elasticsearch, clickhouse, toxiproxy] = await unlessAborted(
      Promise.all(starting),
      signal,
    );
    const started = [kafka, redis, elasticsearch, clickhouse, ...(toxiproxy ? [toxiproxy] : [])];
    return {
      context,
      ...{ kafka, redis, elasticsearch, clickhouse, toxiproxy },
      services: started.map(({ service }) => service),
      stop: () => closeNetwork(context),
    };
  } catch (error) {
    await abandon(context, starting);
    throw error;
  }
}

const AGAIN_MS = 100;

/** Removes everything of the run, that which is still starting, too: nobody waits for it to get ready. */
async function abandon(context: ContainerContext, starting: readonly unknown[]): Promise<void> {
  let settled = false;
  void Promise.allSettled(starting).then(() => {
    settled = true;
  });
  while (!settled) {
    await closeNetwork(context).catch(() => {}); // another container came meanwhile
    await sleep(AGAIN_MS);
  }
  await closeNetwork(context);
}

/** @throws the signal's reason */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const { promise, reject } = Promise.withResolvers<never>();
  const give = () => reject(signal.reason);
  if (signal.aborted) give();
  signal.addEventListener('abort', give);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', give);
  }
}
