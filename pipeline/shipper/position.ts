import { setTimeout as delay } from 'node:timers/promises';
import { ClickproofError, hasCode } from '../contracts/errors.ts';
import type { EventLog, TransactionalProducer } from '../log/port.ts';
import type { Batch } from './batch.ts';
import { encodeState, type FilePosition, readState, type ShipperState } from './state.ts';

/** How often a position is to be taken over when somebody else claims it in the same moment. */
const TAKE_OVER_ATTEMPTS = 10;
/** Two that claim in turn are to fall out of step. */
const LONGEST_PAUSE_MS = 50;

/** Where the position is kept and under which name. */
export interface PositionOptions {
  readonly log: EventLog;
  readonly stateTopic: string;
  /** The largest record that the topic takes. */
  readonly stateBytes: number;
  /** Record key of the position; the transactional id is derived from it. */
  readonly key: string;
  /** Names this process. */
  readonly instance: string;
  readonly clock: () => number;
  /** Told of every transaction that is committed. */
  onCommitted(batch: Batch): void;
}

/**
 * The shipper's one producer, and its position in the event log. A batch and the position after it are one transaction;
 * while one is being committed the next may be prepared, no more.
 */
export class Position {
  readonly #options: PositionOptions;
  #producer: TransactionalProducer | null = null;
  #pending: Promise<void> | null = null;

  constructor(options: PositionOptions) {
    this.#options = options;
  }

  /**
   * Fences whoever ships under this id, reads where that one came to, and puts the own name there. Being fenced meanwhile means that
   * another one has taken over only if its name is there by then: one that ends by itself, or a pause that was too long, fences too.
   *
   * @param adapt what the position is to be, given what it was
   * @throws ClickproofError ANOTHER_SHIPPER
   */
  async takeOver(adapt: (before: FilePosition[]) => Promise<FilePosition[]>): Promise<FilePosition[]> {
    for (let attempt = 1; ; attempt++) {
      await this.#claim();
      const before = await this.#read();
      const files = await adapt(before?.files ?? []);
      const entries = files.map((file) => JSON.stringify(file));
      try {
        await this.#producer!.commit({ records: [this.#stateRecord(entries)] });
        return files;
      } catch (error) {
        if (!hasCode(error, 'FENCED')) throw error;
        const now = await this.#read();
        if (now?.instance !== before?.instance || attempt === TAKE_OVER_ATTEMPTS) {
          throw this.#anotherShipper(error);
        }
      }
      await delay(Math.random() * LONGEST_PAUSE_MS);
    }
  }

  /**
   * After an error nobody knows what is committed: claims again and reads it. `fenced` says that somebody else has claimed
   * the id, or that the log took this shipper for dead.
   *
   * @throws ClickproofError ANOTHER_SHIPPER
   */
  async reclaim(fenced: boolean): Promise<FilePosition[]> {
    this.#pending = null;
    // Before claiming: another one that is at work must not be fenced by this.
    if (fenced) await this.#readOwn();
    await this.#claim();
    return this.#readOwn();
  }

  /** Commits a batch together with the position after it. Waits for the one before; errors of that one come out here. */
  async submit(batch: Batch, entries: readonly string[]): Promise<void> {
    await this.settle();
    const records = [...batch.records, this.#stateRecord(entries)];
    const pending = this.#producer!.commit({ records }).then(() => {
      batch.committed = true;
      this.#options.onCommitted(batch);
    });
    // Whoever settles gets the error; until then it must not count as unhandled.
    pending.catch(() => {});
    this.#pending = pending;
  }

  /** Resolves when nothing is being committed any more. */
  async settle(): Promise<void> {
    const pending = this.#pending;
    await pending;
    if (this.#pending === pending) this.#pending = null;
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    await producer?.close();
  }

  async #claim(): Promise<void> {
    const { log, key } = this.#options;
    await this.close().catch(() => {});
    this.#producer = await log.claim(`shipper:${key}`);
  }

  #read(): Promise<ShipperState | null> {
    const { log, key, stateTopic } = this.#options;
    return readState(log, stateTopic, key);
  }

  async #readOwn(): Promise<FilePosition[]> {
    const state = await this.#read();
    if (state?.instance !== this.#options.instance) throw this.#anotherShipper();
    return state.files;
  }

  #stateRecord(entries: readonly string[]) {
    const { stateTopic, stateBytes, key, instance, clock } = this.#options;
    const value = encodeState(instance, entries, stateBytes);
    return { topic: stateTopic, partition: 0, key: Buffer.from(key), value, timestamp: clock() };
  }

  #anotherShipper(cause?: unknown): ClickproofError {
    return new ClickproofError(
      'ANOTHER_SHIPPER',
      `another shipper has taken over the id "${this.#options.key}"`,
      { remedy: 'let only one run under this id, and give each access log an id of its own', cause },
    );
  }
}
