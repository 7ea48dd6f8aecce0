import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_TOPICS } from '../../pipeline/contracts/topics.ts';
import { readIntents } from '../../simulator/ledger/index.ts';
import { type CheckReport, check } from '../checkers/check.ts';
import type { SinkReader } from '../checkers/check-events.ts';
import { EmbeddedTopicReader } from '../readers/embedded-topic-reader.ts';
import { SqliteProfileReader } from '../readers/sqlite-profile-reader.ts';
import {
  copyPipeline,
  createTopics,
  places,
  record,
  runStage,
  STAGES,
  type StageName,
} from './in-process.ts';
import { type LogFault, type PlantedLog, plantedLog } from './planted-log.ts';
import { type PlantedStore, plantedStore, type StoreFault } from './planted-store.ts';

/** The event that is hit: sent once, alone in its request, with others of its visitor behind it. */
export interface Target {
  readonly id: string;
  readonly digest: string;
  /** The screen's, as the tracker sent it. */
  readonly resolution: string;
}

/** What is run, and what goes wrong in it. */
export interface PlantedRun {
  /** The first stage that is run again: the one with the fault at its port. */
  readonly from: StageName | 'end';
  readonly fault?: LogFault;
  readonly storeFault?: StoreFault;
  /** Edits the access log before it is shipped. */
  readonly lines?: (lines: string[]) => string[];
  /** Another ledger to check against. */
  readonly ledger?: string;
  /** Does what else is to be done in the pipeline's folder; the sinks that it returns are checked, too. */
  readonly sinks?: (folder: string) => Promise<SinkReader[]>;
}

/**
 * A pipeline's traffic, recorded once, and its state before every stage, so that any stage can be run again with a fault in it.
 */
export class PlantedWorld {
  readonly root: string;
  readonly ledger: string;
  readonly mark: string;
  readonly target: Target;
  #runs = 0;

  private constructor(root: string, ledger: string, mark: string, target: Target) {
    this.root = root;
    this.ledger = ledger;
    this.mark = mark;
    this.target = target;
  }

  /** Records traffic and runs it through all stages, one after the other. */
  static async record(traffic: Parameters<typeof record>[2]): Promise<PlantedWorld> {
    const root = await mkdtemp(join(tmpdir(), 'clickproof-planted-'));
    const ledger = join(root, 'ledger');
    const { mark } = await record(before(root, 'shipper'), ledger, traffic);
    await createTopics(before(root, 'shipper'));
    for (const [i, stage] of STAGES.entries()) {
      const next = before(root, STAGES[i + 1] ?? 'end');
      await copyPipeline(before(root, stage), next);
      await runStage(stage, next);
    }
    return new PlantedWorld(root, ledger, mark, await chooseTarget(ledger));
  }

  /** Runs the stages from one on and checks what came of it. Throws where the fault did not happen: nothing would be proven. */
  async run({ from, fault, storeFault, lines, ledger, sinks }: PlantedRun): Promise<CheckReport> {
    const folder = join(this.root, `run-${++this.#runs}`);
    await copyPipeline(before(this.root, from), folder);
    try {
      const { accessLog, eventLog, profiles } = places(folder);
      if (lines) await editLines(accessLog, lines);
      let log: PlantedLog | undefined;
      let store: PlantedStore | undefined;
      const ports: Parameters<typeof runStage>[2] = {
        ...(fault && { log: (inner) => (log = plantedLog(inner, fault)) }),
        ...(storeFault && { profiles: (inner) => (store = plantedStore(inner, storeFault)) }),
      };
      const rest = from === 'end' ? [] : STAGES.slice(STAGES.indexOf(from));
      for (const stage of rest) await runStage(stage, folder, stage === from ? ports : {});
      if ((fault && !log?.hit) || (storeFault && !store?.hits)) throw new Error('the fault did not happen');
      const opened = (await sinks?.(folder)) ?? [];
      const topics = new EmbeddedTopicReader(eventLog);
      const profileStore = new SqliteProfileReader(profiles, DEFAULT_TOPICS.flattened);
      try {
        return await check({
          ledger: ledger ?? this.ledger,
          topics,
          names: DEFAULT_TOPICS,
          accessLog,
          sinks: opened,
          folder: join(folder, 'check'),
          profiles: true,
          profileStore,
        });
      } finally {
        topics.close();
        await profileStore.close();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  remove(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }
}

/** Where the pipeline lies as it stands before a stage. */
const before = (root: string, stage: StageName | 'end') => join(root, `before-${stage}`);

async function editLines(file: string, change: NonNullable<PlantedRun['lines']>): Promise<void> {
  const text = await readFile(file, 'latin1');
  const lines = change(text.split('\n').slice(0, -1));
  await writeFile(file, lines.map((line) => `${line}\n`).join(''), 'latin1');
}

async function chooseTarget(ledger: string): Promise<Target> {
  const sent = new Map<string, number>();
  const intents = [];
  for await (const intent of readIntents(ledger)) {
    intents.push(intent);
    for (const { id } of intent.events) if (id !== null) sent.set(id, (sent.get(id) ?? 0) + 1);
  }
  for (const [i, { events, digest }] of intents.entries()) {
    const [event] = events;
    const resolution = event?.fields['query-res'];
    if (events.length !== 1 || event?.expect !== 'processed' || typeof resolution !== 'string') continue;
    const isOne = event.id !== null && sent.get(event.id) === 1;
    const isMore = intents.slice(i + 1).some((later) => later.events[0]?.visitor === event.visitor);
    if (isOne && isMore && event.visitor !== null) return { id: event.id!, digest, resolution };
  }
  throw new Error('the traffic has no event that would do');
}
