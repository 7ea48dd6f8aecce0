import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { silent } from '../../pipeline/contracts/running.ts';
import type { TopicNames } from '../../pipeline/contracts/topics.ts';
import { type EventLog, type OutRecord, openEmbeddedLog } from '../../pipeline/log/index.ts';
import { shipperSettings, startShipper } from '../../pipeline/shipper/index.ts';
import type { Measured } from '../benchmark.ts';
import type { Subject } from '../processes/subject.ts';
import { makeTopics, openBenchLog, PARTITIONS, written } from '../servers/kafka-log.ts';
import { topicsOf } from '../servers/names.ts';

export interface ShipperSubjectSettings {
  readonly file: string;
  readonly lines: number;
  /** Where event logs are made, and removed again. Or Kafka. */
  readonly log: { readonly scratch: string } | { readonly brokers: readonly string[] };
}

export interface ShipperTask {
  readonly what: 'ship' | 'append';
  /** Names its topics, which are new. */
  readonly replicate: string;
}

const LINES_PER_TRANSACTION = 1_000;

/** The shipper from a file into new topics; and readline with appending, without envelope, key or position. */
export function shipperSubject(settings: ShipperSubjectSettings): Subject<ShipperTask, Measured> {
  const { file, lines } = settings;
  return {
    async run({ what, replicate }) {
      const { log, remove } = await open(settings);
      try {
        const topics = topicsOf(replicate);
        await makeTopics(log, topics);
        const began = performance.now();
        const count = await (what === 'ship' ? ship : append)(log, topics, file);
        const seconds = (performance.now() - began) / 1000;
        const there = await written(log, topics.raw);
        if (count !== lines || there < lines) {
          throw new Error(`${count} of ${lines} lines were sent, ${there} arrived`);
        }
        return { count, seconds };
      } finally {
        await log.close();
        await remove();
      }
    },
  };
}

async function open({ log }: ShipperSubjectSettings) {
  if ('brokers' in log) return { log: openBenchLog(log.brokers), remove: async () => {} };
  const folder = await mkdtemp(join(log.scratch, 'log-'));
  return {
    log: openEmbeddedLog({ path: join(folder, 'events.db') }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function ship(log: EventLog, topics: TopicNames, file: string): Promise<number> {
  const settings = shipperSettings.parse({ id: 'bench', logFile: file, from: file });
  const shipper = await startShipper(settings, { log, topics, diagnostics: silent });
  await shipper.done;
  return shipper.stats().lines;
}

async function append(log: EventLog, topics: TopicNames, file: string): Promise<number> {
  const producer = await log.claim('bench');
  let records: OutRecord[] = [];
  let n = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    records.push({
      topic: topics.raw,
      partition: n++ % PARTITIONS,
      key: null,
      value: Buffer.from(line),
      timestamp: 1_795_451_870_000,
    });
    if (records.length < LINES_PER_TRANSACTION) continue;
    await producer.commit({ records });
    records = [];
  }
  if (records.length > 0) await producer.commit({ records });
  await producer.close();
  return n;
}
