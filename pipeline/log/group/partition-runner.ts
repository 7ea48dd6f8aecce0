import { setTimeout as delay } from 'node:timers/promises';
import { hasCode } from '../../contracts/errors.ts';
import type { ConsumerOptions, PartitionContext, PartitionHandler } from '../port.ts';
import { type BatchSource, nextBatch } from './batches.ts';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/** What an event log does for one assignment of one partition. */
export interface Holding {
  /** Makes the partition this member's own, where the log needs it; false when it is halted before. */
  acquire?(halt: AbortSignal): Promise<boolean>;
  /** How many partitions the topic has. Asked before every claim. */
  partitions(): Promise<number> | number;
  /** Commits the group's offset, as long as the runner holds the partition. */
  commitOffset(offset: number, holds: () => boolean): Promise<void>;
  /** Reads from an offset on, for as long as `through` goes on. @throws ClickproofError OFFSET_OUT_OF_RANGE */
  read(offset: number, through: (source: BatchSource) => Promise<void>): Promise<void>;
  /** The handler is released: the partition is free for others. */
  free?(): Promise<void>;
}

export interface RunnerOptions<Held extends Holding> {
  readonly consumer: ConsumerOptions;
  readonly partition: number;
  readonly holding: Held;
  /** The assignment of this partition that came before, in this process. */
  readonly after: Promise<void> | undefined;
  report(error: unknown): void;
  /** A handler has refused to go on. */
  refuse(error: unknown): void;
}

/** One assignment of one partition: claims and processes until it is told to end. */
export class PartitionRunner<Held extends Holding = Holding> {
  /** Resolves when the handler is released and the partition free for others; never rejects. */
  readonly done: Promise<void>;
  readonly holding: Held;
  readonly #options: RunnerOptions<Held>;
  /** No further batch. */
  readonly #halt = new AbortController();
  /** Nor the batch in hand. */
  readonly #abort = new AbortController();
  #started = false;
  #ended = false;

  constructor(options: RunnerOptions<Held>) {
    this.#options = options;
    this.holding = options.holding;
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
    const { after, report } = this.#options;
    await after;
    if (this.#halt.signal.aborted) return;
    if ((await this.holding.acquire?.(this.#halt.signal)) === false) return;
    this.#started = true;
    const handler = await this.#work();
    try {
      await handler?.release?.();
    } catch (error) {
      report(error);
    }
    await this.holding.free?.();
    this.#ended = true;
  }

  /** Claims and processes, again and again after errors; returns the handler when it is to be released. */
  async #work(): Promise<PartitionHandler | undefined> {
    const { consumer, partition, report, refuse } = this.#options;
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
          refuse(error);
          break;
        }
        report(error);
        const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
        failures = Math.min(failures + 1, 16);
        await pause(ceiling * (0.5 + Math.random() / 2), this.#halt.signal);
      }
    }
    return handler;
  }

  async #context(): Promise<PartitionContext> {
    const { consumer, partition } = this.#options;
    return {
      topic: consumer.topic,
      partition,
      partitions: await this.holding.partitions(),
      signal: this.#abort.signal,
      commitOffset: (offset) => this.holding.commitOffset(offset, () => this.holds),
    };
  }

  async #claimAndProcess(
    handler: PartitionHandler,
    context: PartitionContext,
    succeeded: () => void,
  ): Promise<void> {
    const { lingerMs = 0 } = this.#options.consumer;
    await this.holding.read(await handler.claim(context), async (source) => {
      for (;;) {
        const batch = await nextBatch(source, lingerMs, this.#halt.signal);
        if (batch === undefined) return;
        await handler.process(batch, context);
        succeeded();
      }
    });
  }
}

/** Waits; a signal cuts it short, which the caller sees by the signal. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}
