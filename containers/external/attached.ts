import { groupLag } from '../../pipeline/log/index.ts';
import { openKafkaLog } from '../../pipeline/log/kafka/index.ts';
import { analystTables, clickhouseFreshness } from '../analyst-tables.ts';
import type { KafkaConnection } from '../connections.ts';
import { pipelineProgress, topicReadings } from '../roles/progress.ts';
import type { Stack, Target } from '../stack.ts';
import { type ExternalServices, namesOf } from './services.ts';

/** A collector of which nothing is known but its address. */
export function attachToCollector(collectorUrl: string, services: ExternalServices): Target {
  const names = namesOf(services);
  const behind = names.length > 0 ? `; read there: ${names.join('; ')}` : '';
  return {
    kind: 'external',
    description: [`external stack: your collector at ${collectorUrl}, and your pipeline behind it${behind}`],
    collectorUrl,
    // Nobody knows what it takes for a client's address, nor what it refuses.
    collector: { clientAddress: null, rawBytesInTarget: true },
    restarts: [],
    progress: async () => ({ records: {}, lag: {}, behind: {}, unshippedBytes: 0 }),
    tables: async () => [],
    freshness: async () => undefined,
    pids: () => new Map(),
    stop: async () => {},
  };
}

/** A pipeline of this project's whose processes run somewhere else. */
export function attachToPipeline(
  collectorUrl: string,
  services: ExternalServices & { readonly kafka: KafkaConnection },
): Stack {
  const { kafka, redis, clickhouse, elasticsearch, topics, groups } = services;
  const log = openKafkaLog(kafka);
  const readings = topicReadings({
    ...{ topics, groups },
    clickhouse: clickhouse !== undefined,
    elasticsearch: elasticsearch !== undefined,
  });
  return {
    ...attachToCollector(collectorUrl, services),
    description: [
      `external stack: your clickproof pipeline behind ${collectorUrl}; read there: ${namesOf(services).join('; ')}`,
    ],
    eventLog: { kind: 'kafka', ...kafka },
    ...{ topics, groups, clickhouse, elasticsearch, readings },
    profiles: redis && { kind: 'redis', ...redis },
    roles: [],
    ends: (topic) => log.ends(topic),
    lag: ({ group, topic }, upTo) => groupLag(log, group, topic, upTo),
    progress: async () => ({ unshippedBytes: 0, ...(await pipelineProgress(log, topics, readings)) }),
    tables: async (mark) => (clickhouse ? analystTables(clickhouse, mark) : []),
    freshness: async (mark) => (clickhouse ? clickhouseFreshness(clickhouse, mark) : undefined),
    stats: async () => undefined,
    stop: () => log.close(),
  };
}
