import { setTimeout as delay } from 'node:timers/promises';
import { hasCode } from '../../contracts/errors.ts';
import type { ConsumerOptions, PartitionContext, PartitionHandler, RecordBatch } from '../port.ts';
import type { Fetcher } from './fetcher.ts';
import { type BatchLimits, PartitionBuffer } from './partition-buffer.ts';
import { endsFor } from './partition-fetch.ts';
import type { Session } from './session.ts';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
const IDLE_MS = 60_000;
/**
 * How long a batch that is not full waits for what the broker has already. The marker behind a transaction's records is often an answer
 * of its own, and a batch that ends past it leaves no lag.
 */
const REST_MS = 50;

export interface RunnerOptions {
  readonly consumer: ConsumerOptions;
  readonly limits: BatchLimits;
  readonly partition: number;
  readonly session: Session;
  readonly fetcher: Fetcher;
  /** The assignment of this partition that came before, in this process. */
  readonly after: Promise<void> | undefined;
  /** Commits the group's offset, as long as the runner holds the partition. */
  commitOffset(offset: number, holds: () => boolean): Promise<void>;
  report(error: unknown): void;
  /** A handler has refused to go on. */
  refuse(error: unknown): void;
}

/** One assignment of one partition: claims and processes until it is told to end. */
export class PartitionRunner {
  /** Resolves when the handler is released; never rejects. */
  readonly done: Promise<void>;
  readonly #options: RunnerOptions;
  /** No further batch. */
  readonly #halt = new AbortController();
  /** Nor the batch in hand. */
  readonly #abort = new AbortController();
  #started = false;
  #ended = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.done = this.#run();
  }

  /** True between the end of the assignment before and the end of this one. */
  get holds(): boolean {
    return this.#started && !this.#ended && !this.#abort.signal.aborted;
  }

  /** Lets the batch in hand finish, takes no other. */
  drain(): void {
    this.#halt.abort();
  }

  /** Tells the handler to give up the batch in hand. */
  revoke(): void {
    this.#halt.abort();
    this.#abort.abort();
  }

  async #run(): Promise<void> {
    await this.#options.after;
    if (this.#halt.signal.aborted) return;
    this.#started = true;
    const handler = await this.#work();
    try {
      await handler?.release?.();
    } catch (error) {
      this.#options.report(error);
    }
    this.#ended = true;
  }

  /** Claims and processes, again and again after errors; returns the handler when it is to be released. */
  async #work(): Promise<PartitionHandler | undefined> {
    const { consumer, partition } = this.#options;
    let handler: PartitionHandler | undefined;
    let failures = 0;
    while (!this.#halt.signal.aborted) {
      try {
        const context = await this.#context();
        handler ??= consumer.handler(partition);
        await this.#claimAndProcess(handler, context, () => {
          failures = 0;
        });
      } catch (error) {
        if (this.#abort.signal.aborted) break;
        if (hasCode(error, 'REFUSED')) {
          this.#options.refuse(error);
          break;
        }
        this.#options.report(error);
        const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
        failures = Math.min(failures + 1, 16);
        await pause(ceiling * (0.5 + Math.random() / 2), this.#halt.signal);
      }
    }
    return handler;
  }

  async #context(): Promise<PartitionContext> {
    const { consumer, partition, session, commitOffset } = this.#options;
    return {
      topic: consumer.topic,
      partition,
      partitions: await session.ask(() => session.partitions(consumer.topic)),
      signal: this.#abort.signal,
      commitOffset: (offset) => commitOffset(offset, () => this.holds),
    };
  }

  async #claimAndProcess(
    handler: PartitionHandler,
    context: PartitionContext,
    succeeded: () => void,
  ): Promise<void> {
    const { session, fetcher, limits } = this.#options;
    const { topic, partition } = context;
    const offset = await handler.claim(context);
    await endsFor(session, topic, partition, offset);
    const buffer = new PartitionBuffer(topic, partition, offset, limits, () => fetcher.pump());
    fetcher.add(buffer);
    try {
      for (;;) {
        const batch = await this.#next(buffer);
        if (batch === undefined) return;
        await handler.process(batch, context);
        succeeded();
      }
    } finally {
      fetcher.remove(buffer);
    }
  }

  /** Waits for the next batch; undefined when the runner is to end. */
  async #next(buffer: PartitionBuffer): Promise<RecordBatch | undefined> {
    const signal = this.#halt.signal;
    // Handlers may be done without ever waiting for a timer or for I/O: heartbeats and other partitions come first.
    await new Promise(setImmediate);
    let lingered: number | undefined;
    for (;;) {
      if (signal.aborted) return undefined;
      const now = performance.now();
      if (buffer.empty) {
        await buffer.change(IDLE_MS, signal);
        continue;
      }
      lingered ??= now + (this.#options.consumer.lingerMs ?? 0);
      const until = buffer.caughtUp ? lingered : lingered + REST_MS;
      if (buffer.full || now >= until) return buffer.take();
      await buffer.change(until - now, signal);
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch {
    // Cut short: the caller looks at the signal.
  }
}
