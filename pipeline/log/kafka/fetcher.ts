import { setTimeout as delay } from 'node:timers/promises';
import { explain, isTransient } from './errors.ts';
import type { PartitionBuffer } from './partition-buffer.ts';
import { fetchFrom, readError } from './partition-fetch.ts';
import type { Session } from './session.ts';

/** How long a broker waits for something to come when every partition takes more. */
const LONG_WAIT_MS = 250;
/** And when there are partitions left out that may soon have room again. */
const SHORT_WAIT_MS = 20;
const PARTITION_BYTES = 1 << 20;
const ANSWER_BYTES = 8 << 20;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/** Fills the buffers of a consumer's partitions: one request to each leader at a time, for all partitions that have room. */
export class Fetcher {
  readonly #session: Session;
  readonly #topic: string;
  readonly #report: (error: unknown) => void;
  readonly #buffers = new Set<PartitionBuffer>();
  readonly #busy = new Set<number>();
  readonly #stopping = new AbortController();
  /** How often each leader has failed in a row; undefined: asking who leads. */
  readonly #failures = new Map<number | undefined, number>();
  #learning = false;

  /** @param report told of errors; it goes on by itself */
  constructor(session: Session, topic: string, report: (error: unknown) => void) {
    this.#session = session;
    this.#topic = topic;
    this.#report = report;
  }

  add(buffer: PartitionBuffer): void {
    this.#buffers.add(buffer);
    this.pump();
  }

  remove(buffer: PartitionBuffer): void {
    buffer.close();
    this.#buffers.delete(buffer);
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Asks every leader that is not being asked for what there is room for. To be called whenever there is room. */
  pump(): void {
    if (this.#learning || this.#stopping.signal.aborted) return;
    if (![...this.#buffers].some(({ hasRoom }) => hasRoom)) return;
    this.#learning = true;
    void this.#start().finally(() => {
      this.#learning = false;
    });
  }

  async #start(): Promise<void> {
    try {
      const leaders = await this.#session.leaders(this.#topic);
      this.#failures.delete(undefined);
      for (const [leader, led] of Map.groupBy(this.#buffers, ({ partition }) => leaders[partition] ?? -1)) {
        const wanting = led.filter(({ hasRoom }) => hasRoom);
        if (wanting.length === 0 || this.#busy.has(leader)) continue;
        this.#busy.add(leader);
        void this.#fetch(leader, wanting, led.length).finally(() => {
          this.#busy.delete(leader);
          this.pump();
        });
      }
    } catch (error) {
      await this.#failed(error, undefined);
      setImmediate(() => this.pump());
    }
  }

  async #fetch(leader: number, buffers: readonly PartitionBuffer[], led: number): Promise<void> {
    try {
      const positions = buffers.map(({ topic, partition, position }) => ({
        topic,
        partition,
        offset: position,
        maxBytes: PARTITION_BYTES,
      }));
      const answer = await fetchFrom(this.#session, leader, positions, {
        maxWaitMs: buffers.length === led ? LONG_WAIT_MS : SHORT_WAIT_MS,
        maxBytes: ANSWER_BYTES,
      });
      let transient: unknown;
      for (const { partition, error, records, nextOffset, end } of answer) {
        const buffer = buffers.find((one) => one.partition === partition);
        if (error === undefined) {
          buffer?.offer(records, nextOffset, end);
          if (buffer !== undefined && records.length > 0) this.#putLast(buffer);
        } else if (isTransient(error)) transient = error;
        else buffer?.fail(explain(readError(error, this.#topic, partition), this.#session.settings.brokers));
      }
      if (transient === undefined) this.#failures.delete(leader);
      else await this.#failed(transient, leader);
    } catch (error) {
      await this.#failed(error, leader);
    }
  }

  /**
   * A batch that is larger than a partition's share comes only for the first partition of which there is anything: whoever has had
   * something lets the others go first, or they would starve.
   */
  #putLast(buffer: PartitionBuffer): void {
    if (this.#buffers.delete(buffer)) this.#buffers.add(buffer);
  }

  async #failed(error: unknown, leader: number | undefined): Promise<void> {
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    const before = this.#failures.get(leader) ?? 0;
    this.#failures.set(leader, before + 1);
    // A leader that moves is nothing to tell of, unless it lasts.
    if (before > 0) this.#report(explain(error, this.#session.settings.brokers));
    this.#session.forget();
    const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(before, 16));
    await delay(ceiling * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
  }
}
