import { existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectorSettings, startCollector } from '../../pipeline/collector/index.ts';
import { DEFAULT_SIZE_LIMITS } from '../../pipeline/contracts/access-log.ts';
import { type Running, silent } from '../../pipeline/contracts/running.ts';
import { pipelineTopics } from '../../pipeline/contracts/topic-specs.ts';
import { DEFAULT_GROUPS, DEFAULT_TOPICS } from '../../pipeline/contracts/topics.ts';
import { type EventLog, openEmbeddedLog } from '../../pipeline/log/index.ts';
import { openEmbeddedProfileStore } from '../../pipeline/profile/embedded-store.ts';
import type { ProfileStore } from '../../pipeline/profile/store.ts';
import { shipperSettings, startShipper } from '../../pipeline/shipper/index.ts';
import { clickhouseSinkSettings, startClickHouseSink } from '../../pipeline/sinks/clickhouse/index.ts';
import {
  flattenerSettings,
  parserWorkerSettings,
  persisterSettings,
  startFlattener,
  startParser,
  startPersister,
} from '../../pipeline/stages/index.ts';
import { openLedger } from '../../simulator/ledger/index.ts';
import { planTraffic, runMark, trafficSettings } from '../../simulator/plan/index.ts';
import { send } from '../../simulator/transport/index.ts';

/** The stages in the order of the data. */
export const STAGES = ['shipper', 'parser', 'flattener', 'persister'] as const;
export type StageName = (typeof STAGES)[number];

export const PARTITIONS = 3;

/** Small, so that profiles are read back from their store a few times. */
const BATCH = 25;

/** What can be put in the place of a port. */
export interface Ports {
  readonly log?: (log: EventLog) => EventLog;
  readonly profiles?: (store: ProfileStore) => ProfileStore;
}

const dependencies = { topics: DEFAULT_TOPICS, groups: DEFAULT_GROUPS, diagnostics: silent };

/** Where things lie in a pipeline's folder. */
export const places = (folder: string) => ({
  accessLog: join(folder, 'tracking.log'),
  eventLog: join(folder, 'events.db'),
  profiles: join(folder, 'profiles.db'),
});

/** Sends traffic to a collector of its own, so that there is an access log in the folder, and a ledger beside it. */
export async function record(
  folder: string,
  ledger: string,
  traffic: Parameters<typeof trafficSettings.parse>[0],
): Promise<{ mark: string; events: number }> {
  const settings = trafficSettings.parse(traffic);
  const { accessLog } = places(folder);
  const collector = await startCollector(collectorSettings.parse({ port: 0, host: '127.0.0.1', accessLog }), {
    diagnostics: silent,
  });
  const began = Date.now();
  const mark = runMark(settings);
  const writer = openLedger(ledger, {
    schema: 1,
    mark,
    seed: settings.seed,
    began,
    target: collector.url,
    settings,
    oracle: { clientAddress: '127.0.0.1' },
  });
  try {
    const plan = planTraffic(settings);
    const { events } = await send(plan, { target: collector.url, speed: 'max', began, ledger: writer });
    return { mark, events };
  } finally {
    writer.close();
    await collector.stop();
  }
}

/** Runs one stage in this process until it has worked off its input. */
export async function runStage(stage: StageName, folder: string, ports: Ports = {}): Promise<void> {
  await withLog(folder, ports, async (log) => {
    switch (stage) {
      case 'shipper':
        await (await startShipper(shipperOf(folder), { log, ...dependencies })).done;
        return;
      case 'parser':
        return untilDone(await startParser(parserWorkerSettings.parse({}), { log, ...dependencies }));
      case 'flattener':
        return untilDone(await startFlattener(flattenerSettings.parse({}), { log, ...dependencies }));
      case 'persister': {
        const store = openProfiles(folder);
        const used = ports.profiles?.(store) ?? store;
        try {
          await untilDone(
            await startPersister(persisterSettings.parse({ batchRecords: BATCH }), {
              log,
              ...dependencies,
              profiles: used,
            }),
          );
        } finally {
          await store.close();
        }
      }
    }
  });
}

/** Runs the ClickHouse sink until all is inserted. */
export function runSink(
  folder: string,
  clickhouse: { url: string; database: string },
  ports: Ports = {},
): Promise<void> {
  return withLog(folder, ports, async (log) => {
    const settings = clickhouseSinkSettings.parse({
      clickhouseUrl: clickhouse.url,
      clickhouseDatabase: clickhouse.database,
    });
    await untilDone(await startClickHouseSink(settings, { log, ...dependencies }));
  });
}

/** Begins a pipeline where another stood: copies its access log, its event log and, where there are any yet, its profiles. */
export async function copyPipeline(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const [source, target] = [places(from), places(to)];
  await copyFile(source.accessLog, target.accessLog);
  await copyFile(source.eventLog, target.eventLog);
  if (existsSync(source.profiles)) await copyFile(source.profiles, target.profiles);
}

/** Makes the topics. */
export function createTopics(folder: string, partitions = PARTITIONS): Promise<void> {
  return withLog(folder, {}, (log) =>
    log.ensureTopics(pipelineTopics(DEFAULT_TOPICS, { partitions, limits: DEFAULT_SIZE_LIMITS })),
  );
}

/** Runs all stages at once in this process, until they have worked off the access log. */
export async function runTogether(folder: string): Promise<void> {
  await withLog(folder, {}, async (log) => {
    const store = openProfiles(folder);
    try {
      const workers = [
        await startParser(parserWorkerSettings.parse({}), { log, ...dependencies }),
        await startFlattener(flattenerSettings.parse({}), { log, ...dependencies }),
        await startPersister(persisterSettings.parse({ batchRecords: BATCH }), {
          ...{ log, ...dependencies, profiles: store },
        }),
      ];
      await (await startShipper(shipperOf(folder), { log, ...dependencies })).done;
      // In the order of the data: when one has caught up, all that the next will get is there.
      for (const worker of workers) await untilDone(worker);
    } finally {
      await store.close();
    }
  });
}

function openProfiles(folder: string): ProfileStore {
  return openEmbeddedProfileStore({ path: places(folder).profiles, topic: DEFAULT_TOPICS.flattened });
}

function shipperOf(folder: string) {
  const { accessLog } = places(folder);
  return shipperSettings.parse({ id: 'scenario', logFile: accessLog, from: accessLog });
}

async function withLog(folder: string, ports: Ports, work: (log: EventLog) => Promise<void>): Promise<void> {
  const log = openEmbeddedLog({ path: places(folder).eventLog });
  try {
    await work(ports.log?.(log) ?? log);
  } finally {
    await log.close();
  }
}

const LOOK_EVERY_MS = 5;

async function untilDone(worker: Running & { lag(): Promise<number> }): Promise<void> {
  let failed = false;
  worker.done.catch(() => {
    failed = true;
  });
  while (!failed && (await worker.lag()) > 0) await sleep(LOOK_EVERY_MS);
  await worker.stop();
  await worker.done;
}
