import { isDeepStrictEqual } from 'node:util';
import { ClickproofError, hasCode } from '../../contracts/errors.ts';
import { silent } from '../../contracts/running.ts';
import type { LogRecord, PartitionContext } from '../../log/port.ts';
import { ProfileFold } from '../../profile/fold.ts';
import { PartitionFold } from '../../profile/partition-fold.ts';
import { profileRules } from '../../profile/rules.ts';
import { MemoryProfileStore } from '../../profile/testing/memory-store.ts';
import { failingLog, failingStore } from '../failpoints.ts';
import { OutRecords } from '../out-records.ts';
import { PartitionWorker } from '../partition-worker.ts';
import { PersisterHandler } from '../persister-handler.ts';
import { PersisterMessages } from '../persister-message.ts';
import { WorkerCounters } from '../worker-stats.ts';
import { MemoryLog } from './memory-log.ts';

export const INPUT = 'tracking_flattened';
export const OUTPUT = 'tracking_persisted';
export const FAILED = 'tracking_failed';
const GROUP = 'persister';
const PARTITION = 0;

const FOLD = new ProfileFold(
  profileRules.parse([
    { name: 'events', field: 'event-event_id', keep: 'count' },
    { name: 'order', field: 'event-page', keep: 'last' },
    { name: 'pages', field: 'event-page', keep: 'set', limit: 2 },
  ]),
);
const MESSAGES = new PersisterMessages(FOLD);
/** Small enough that entries are evicted while the tests run. */
const LIMITS = { visitorWindow: 2, partitionWindow: 7, horizonMs: 60_000 };

/** Compact inputs: visitor, event id, fingerprint, request. An empty visitor is none; `null` is a record that is no event. */
export type Input = readonly [visitor: string, id: string, print: string, request: string] | null;

function inputRecord(input: Input, i: number): Omit<LogRecord, 'offset'> {
  const timestamp = 1_700_000_000_000 + i * 1_000;
  if (input === null) return { key: Buffer.from('bad'), value: Buffer.from('no JSON'), timestamp };
  const [visitor, id, print, request] = input;
  const fields = {
    'event-event_id': id,
    'event-event_fingerprint': print,
    'event-page': `page ${id} ${print}`,
    'request-request_id': request,
    ...(visitor && { 'event-domain_userid': visitor }),
  };
  return { key: Buffer.from(visitor || id), value: Buffer.from(JSON.stringify(fields)), timestamp };
}

/** A port's call that waits for its turn. */
interface Gate {
  readonly point: string;
  pass(error?: Error): void;
}

/** What the records fold to, in one go. */
interface Reference {
  readonly output: string[][];
  readonly failed: string[][];
  /** After each record, and before the first. */
  readonly states: readonly { progress: unknown; values: string[] }[];
  /** How many records were written by then. */
  readonly outputs: readonly number[];
}

/** One process with the persister in it. */
interface Actor {
  readonly name: string;
  readonly gates: Gate[];
  done: boolean;
  dead: boolean;
  readonly errors: unknown[];
}

/**
 * A partition, its log and its store, and any number of workers on it, each of which stops before and after every call of a port until
 * it is told to go on. What is stopped for good has crashed; what is told to go on after another began is a zombie.
 */
export class PersisterWorld {
  readonly log = new MemoryLog({ [INPUT]: 1, [OUTPUT]: 2, [FAILED]: 1 });
  readonly store = new MemoryProfileStore();
  readonly #batchSizes: readonly number[];
  #batches = 0;
  #reference: Reference | undefined;

  /** @param transactions inputs by the transaction that wrote them @param batchSizes used in turn, again and again */
  constructor(transactions: readonly (readonly Input[])[], batchSizes: readonly number[]) {
    this.#batchSizes = batchSizes;
    let i = 0;
    for (const inputs of transactions) {
      this.log.append(
        INPUT,
        PARTITION,
        inputs.map((input) => inputRecord(input, i++)),
      );
    }
  }

  /** Starts a worker; it stands at its first call when this resolves. */
  async start(name: string): Promise<Actor> {
    const actor: Actor = { name, gates: [], done: false, dead: false, errors: [] };
    const wait = (point: string) =>
      new Promise<void>((resolve, reject) => {
        actor.gates.push({ point, pass: (error) => (error ? reject(error) : resolve()) });
      });
    void this.#work(actor, wait).finally(() => {
      actor.done = true;
    });
    await settled();
    return actor;
  }

  /** Lets a worker do its next call, or finish it; with an error the call fails at that point. False: it has nothing left to do. */
  async step(actor: Actor, error?: Error): Promise<boolean> {
    const gate = actor.gates.shift();
    if (!gate || actor.dead) return false;
    gate.pass(error);
    await settled();
    return true;
  }

  /** The worker's process dies where it stands. */
  kill(actor: Actor): void {
    actor.dead = true;
  }

  async finish(actor: Actor): Promise<void> {
    while (await this.step(actor));
  }

  /** A last worker, undisturbed, which finishes whatever is left. */
  async drain(): Promise<void> {
    const last = await this.start('last');
    await this.finish(last);
    if (!last.done) throw new Error('the last worker hangs');
  }

  /** Everything that can be seen from outside. */
  outcome() {
    const output = this.log.records(OUTPUT).map((records) => records.map(visible));
    const failed = this.log.records(FAILED).map((records) => records.map(visible));
    const { mark, ...state } = this.store.inspect(PARTITION);
    const last = this.log.records(INPUT)[PARTITION]!.at(-1)?.offset ?? -1;
    const offset = this.log.offset(GROUP, INPUT, PARTITION);
    return { output, failed, state: visibleState(state), drained: (mark ?? 0) > last && mark === offset };
  }

  /** The same from the pure fold of all records, in one go. */
  reference(): ReturnType<PersisterWorld['outcome']> {
    const { output, failed, states } = this.#folded();
    return { output, failed, state: states.at(-1)!, drained: true };
  }

  /** Null, or what is wrong at this moment: the store is not the fold of what lies below its mark, or outputs do not go with the offset. */
  check(): string | null {
    const { mark, ...state } = this.store.inspect(PARTITION);
    const { states, outputs } = this.#folded();
    const committed = this.log.offset(GROUP, INPUT, PARTITION) ?? 0;
    if ((mark ?? 0) > committed) return `the mark ${mark} is ahead of the offset ${committed}`;
    const inputs = this.log.records(INPUT)[PARTITION]!;
    const below = (offset: number) => inputs.filter((record) => record.offset < offset).length;
    if (mark !== null) {
      if (!isDeepStrictEqual(visibleState(state), states[below(mark)]!)) {
        return `the store at ${mark} is not the fold of what lies below`;
      }
    }
    const written = [OUTPUT, FAILED].flatMap((topic) => this.log.records(topic).flat()).length;
    return written === outputs[below(committed)]
      ? null
      : `offset ${committed} does not go with ${written} outputs`;
  }

  #folded(): Reference {
    this.#reference ??= this.#fold();
    return this.#reference;
  }

  #fold(): Reference {
    const log = new MemoryLog({ [INPUT]: 1, [OUTPUT]: 2, [FAILED]: 1 });
    const records = outRecords();
    const folding = new PartitionFold(FOLD, LIMITS);
    const values = new Map<string, Buffer>();
    const inputs = this.log.records(INPUT)[PARTITION]!;
    const states = [visibleState({ progress: null, values })];
    const outputs = [0];
    for (const record of inputs) {
      const source = { ...record, topic: INPUT, partition: PARTITION };
      const decoded = MESSAGES.decode(source);
      folding.begin([]);
      if ('problem' in decoded) {
        folding.skip(record.offset, record.timestamp);
        log.append(FAILED, 0, [
          { key: record.key, value: Buffer.from('failed'), timestamp: record.timestamp },
        ]);
      } else {
        const outcome = folding.fold(decoded.input);
        if ('added' in outcome) {
          const message = { ...(JSON.parse(record.value!.toString()) as object), ...outcome.added };
          const out = records.output(source, record.key, message);
          log.append(out.topic, out.partition, [out]);
        }
      }
      const changes = folding.changes();
      for (const [visitor, value] of changes.values) values.set(visitor, value);
      states.push(visibleState({ progress: changes.progress, values }));
      outputs.push([OUTPUT, FAILED].flatMap((topic) => log.records(topic).flat()).length);
    }
    return {
      output: log.records(OUTPUT).map((all) => all.map(visible)),
      failed: log.records(FAILED).map((all) => all.map(visible)),
      states,
      outputs,
    };
  }

  async #work(actor: Actor, wait: (point: string) => Promise<void>): Promise<void> {
    const handler = this.#handler(actor.name, wait);
    const context: PartitionContext = {
      topic: INPUT,
      partition: PARTITION,
      partitions: 1,
      signal: new AbortController().signal,
      commitOffset: () => Promise.reject(new Error('offsets go with the transaction')),
    };
    for (;;) {
      try {
        let position = await handler.claim(context);
        for (;;) {
          const size = this.#batchSizes[this.#batches++ % this.#batchSizes.length]!;
          const batch = this.log.batch(INPUT, PARTITION, position, size);
          if (!batch) return;
          await handler.process(batch, context);
          position = batch.nextOffset;
        }
      } catch (error) {
        actor.errors.push(error);
        if (hasCode(error, 'REFUSED') || actor.errors.length > 50) return;
      }
    }
  }

  #handler(name: string, wait: (point: string) => Promise<void>): PersisterHandler {
    const log = failingLog(this.log, name, wait);
    const counters = new WorkerCounters();
    const records = outRecords();
    const place = { group: GROUP, topic: INPUT, partition: PARTITION };
    return new PersisterHandler({
      worker: new PartitionWorker({ log, place, records, counters, acceptLoss: false, diagnostics: silent }),
      store: failingStore(this.store, name, wait),
      fold: FOLD,
      rulesHash: 'rules',
      limits: LIMITS,
      onRulesChanged: 'refuse',
      records,
      counters,
      diagnostics: silent,
    });
  }
}

export const outcomeUnknown = () => new ClickproofError('OUTCOME_UNKNOWN', 'nobody can say');
export const timedOut = () => new Error('timed out');

function outRecords() {
  return new OutRecords(
    'persister',
    { name: OUTPUT, partitions: 2 },
    { name: FAILED, partitions: 1 },
    1 << 20,
  );
}

function visible({ key, value, timestamp }: LogRecord) {
  const text = value!.toString();
  return `${timestamp} ${key} ${text.startsWith('{"failure"') ? 'failed' : text}`;
}

function visibleState({ progress, values }: { progress: unknown; values: ReadonlyMap<string, Buffer> }) {
  const sorted = [...values].map(([visitor, value]) => `${visitor} ${value.toString('base64')}`).toSorted();
  return { progress, values: sorted };
}

/** All that can go on without being told to has gone on: nothing here waits for a timer or for I/O. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
