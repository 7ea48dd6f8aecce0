import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DEFAULT_SIZE_LIMITS } from '../../pipeline/contracts/access-log.ts';
import { silent } from '../../pipeline/contracts/running.ts';
import { pipelineTopics } from '../../pipeline/contracts/topic-specs.ts';
import { DEFAULT_TOPICS } from '../../pipeline/contracts/topics.ts';
import { type EventLog, type OutRecord, openEmbeddedLog } from '../../pipeline/log/index.ts';
import { shipperSettings, startShipper } from '../../pipeline/shipper/index.ts';
import type { Measured } from '../benchmark.ts';
import type { Subject } from '../processes/subject.ts';

export interface ShipperSubjectSettings {
  readonly file: string;
  readonly lines: number;
  /** Where event logs are made, and removed again. */
  readonly scratch: string;
}

export type ShipperTask = 'ship' | 'append';

const PARTITIONS = 4;
const LINES_PER_TRANSACTION = 1_000;

/** The shipper from a file into a new embedded event log; and readline with appending, without envelope, key or position. */
export function shipperSubject(settings: ShipperSubjectSettings): Subject<ShipperTask, Measured> {
  const { file, lines, scratch } = settings;
  return {
    async run(task) {
      const folder = await mkdtemp(join(scratch, 'log-'));
      const log = openEmbeddedLog({ path: join(folder, 'events.db') });
      try {
        await log.ensureTopics(
          pipelineTopics(DEFAULT_TOPICS, { partitions: PARTITIONS, limits: DEFAULT_SIZE_LIMITS }),
        );
        const began = performance.now();
        await (task === 'ship' ? ship(log, file) : append(log, file));
        const seconds = (performance.now() - began) / 1000;
        const ends = await log.ends(DEFAULT_TOPICS.raw);
        const count = ends.reduce((sum, { start, end }) => sum + end - start, 0);
        if (count !== lines) throw new Error(`${count} of ${lines} lines arrived`);
        return { count, seconds };
      } finally {
        await log.close();
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

async function ship(log: EventLog, file: string): Promise<void> {
  const settings = shipperSettings.parse({ id: 'bench', logFile: file, from: file });
  const shipper = await startShipper(settings, { log, topics: DEFAULT_TOPICS, diagnostics: silent });
  await shipper.done;
}

async function append(log: EventLog, file: string): Promise<void> {
  const producer = await log.claim('bench');
  let records: OutRecord[] = [];
  let n = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    records.push({
      topic: DEFAULT_TOPICS.raw,
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
}
