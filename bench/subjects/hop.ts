import { setTimeout as sleep } from 'node:timers/promises';
import { type Running, silent } from '../../pipeline/contracts/running.ts';
import type { EventLog } from '../../pipeline/log/index.ts';
import { redisStoreSettings } from '../../pipeline/profile/redis/settings.ts';
import { openRedisProfileStore } from '../../pipeline/profile/redis-store.ts';
import { clickhouseSinkSettings, startClickHouseSink } from '../../pipeline/sinks/clickhouse/index.ts';
import {
  elasticsearchSinkSettings,
  startElasticsearchSink,
} from '../../pipeline/sinks/elasticsearch/index.ts';
import {
  flattenerSettings,
  parserWorkerSettings,
  persisterSettings,
  startFlattener,
  startParser,
  startPersister,
  type WorkerStats,
} from '../../pipeline/stages/index.ts';
import type { Measured } from '../benchmark.ts';
import type { Subject } from '../processes/subject.ts';
import type { ServerAddresses } from '../servers/addresses.ts';
import { openBenchLog } from '../servers/kafka-log.ts';
import { groupsOf, topicsOf } from '../servers/names.ts';

export type HopName = 'parser' | 'flattener' | 'persister' | 'clickhouse-sink' | 'elasticsearch-sink';

export interface HopSubjectSettings extends ServerAddresses {
  readonly hop: HopName;
}

export interface HopTask {
  /** Names its topics, groups, database and index. */
  readonly replicate: string;
  /** How many records its input topic has; each becomes one event. */
  readonly records: number;
}

const LOOK_EVERY_MS = 5;
const GIVE_UP_AFTER_MS = 300_000;

/** A worker that hands over what it reads. */
interface Hop extends Running {
  /** What it has done with the records that are measured. */
  counts(): WorkerStats;
  readonly written: 'outputs' | 'records';
}

/** A stage or a sink, from a full topic of Kafka to its end: from the first partition that it has claimed to the last offset committed. */
export function hopSubject(settings: HopSubjectSettings): Subject<HopTask, Measured> {
  return {
    async run({ replicate, records }) {
      const log = openBenchLog(settings.brokers);
      try {
        const hop = await start(settings, log, replicate);
        try {
          return await Promise.race([measured(hop, records), failure(hop)]);
        } finally {
          await hop.stop();
        }
      } catch (cause) {
        throw new Error(`${settings.hop}: ${(cause as Error).message}`, { cause });
      } finally {
        await log.close();
      }
    },
  };
}

async function measured(hop: Hop, records: number): Promise<Measured> {
  const giveUp = performance.now() + GIVE_UP_AFTER_MS;
  while (hop.counts().claims === 0 && performance.now() < giveUp) await sleep(LOOK_EVERY_MS);
  const began = performance.now();
  while (hop.counts().records < records && performance.now() < giveUp) await sleep(LOOK_EVERY_MS);
  const seconds = (performance.now() - began) / 1000;
  const { [hop.written]: written, failed } = hop.counts();
  if (written !== records || failed > 0) {
    throw new Error(`${written} of ${records} records came through, ${failed} failed`);
  }
  return { count: records, seconds };
}

async function failure(hop: Hop): Promise<never> {
  await hop.done;
  throw new Error('it stopped by itself');
}

async function start(
  { hop, redisUrl, clickhouseUrl, elasticsearchUrl }: HopSubjectSettings,
  log: EventLog,
  replicate: string,
): Promise<Hop> {
  const topics = topicsOf(replicate);
  const dependencies = { log, topics, groups: groupsOf(replicate), diagnostics: silent };
  switch (hop) {
    case 'parser':
      return stage(await startParser(parserWorkerSettings.parse({}), dependencies));
    case 'flattener':
      return stage(await startFlattener(flattenerSettings.parse({}), dependencies));
    case 'persister': {
      const settings = persisterSettings.parse({});
      const profiles = await openRedisProfileStore({
        settings: redisStoreSettings.parse({ redisUrl }),
        topic: topics.flattened,
        rules: settings.profileRules,
        retentionMs: undefined,
        diagnostics: silent,
      });
      const persister = stage(await startPersister(settings, { ...dependencies, profiles }));
      return { ...persister, stop: () => persister.stop().finally(() => profiles.close()) };
    }
    case 'clickhouse-sink': {
      const settings = clickhouseSinkSettings.parse({ clickhouseUrl, clickhouseDatabase: replicate });
      const sink = await startClickHouseSink(settings, dependencies);
      return { ...sink, counts: () => sink.stats().events, written: 'records' };
    }
    case 'elasticsearch-sink': {
      const settings = elasticsearchSinkSettings.parse({ elasticsearchUrl, elasticsearchIndex: replicate });
      const sink = await startElasticsearchSink(settings, dependencies);
      return { ...sink, counts: () => sink.stats(), written: 'records' };
    }
  }
}

const stage = (worker: Running & { stats(): WorkerStats }): Hop => ({
  ...worker,
  counts: () => worker.stats(),
  written: 'outputs',
});
