import { setTimeout as delay } from 'node:timers/promises';
import { hasCode } from '../../contracts/errors.ts';
import type { ConsumerOptions, PartitionContext, PartitionHandler, RecordBatch } from '../port.ts';
import type { Topic } from './catalogue.ts';
import { type BatchLimits, Cursor } from './cursor.ts';
import type { Membership } from './membership.ts';
import type { Reader } from './reader.ts';
import type { Watcher } from './watcher.ts';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
/** How long to sleep at most when nothing happens. */
const IDLE_MS = 1_000;

export interface RunnerOptions {
  readonly consumer: ConsumerOptions;
  readonly limits: BatchLimits;
  readonly lingerMs: number;
  readonly topic: Topic;
  readonly partition: number;
  readonly membership: Membership;
  readonly reader: Reader;
  readonly watcher: Watcher;
  /** How long a living predecessor is waited for. */
  readonly releaseTimeoutMs: number;
  /** The assignment of this partition that came before, in this process. */
  readonly after: Promise<void> | undefined;
  report(error: unknown): void;
  /** A handler has refused to go on. */
  refuse(error: unknown): void;
}

/** One assignment of one partition: becomes its owner, then claims and processes until it is told to end. */
export class PartitionRunner {
  /** Resolves when the handler is released and the partition free for others; never rejects. */
  readonly done: Promise<void>;
  readonly #options: RunnerOptions;
  /** No further batch. */
  readonly #halt = new AbortController();
  /** Nor the batch in hand. */
  readonly #abort = new AbortController();
  #epoch: number | undefined;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.done = this.#run();
  }

  /** True between acquisition and the end. */
  get holds(): boolean {
    return this.#epoch !== undefined && !this.#abort.signal.aborted;
  }

  /** False when another member has taken the partition. Before it is acquired: true. */
  stillOwner(): boolean {
    return this.#epoch === undefined || this.#options.membership.owns(this.#options.partition, this.#epoch);
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
    const epoch = await this.#acquire();
    if (epoch === undefined) return;
    this.#epoch = epoch;
    const handler = await this.#work(epoch);
    try {
      await handler?.release?.();
    } catch (error) {
      this.#options.report(error);
    }
    try {
      await this.#options.membership.release(this.#options.partition, epoch);
    } catch {
      // The next owner takes it all the same, a little later.
    }
    this.#epoch = undefined;
  }

  async #acquire(): Promise<number | undefined> {
    const { membership, partition, watcher, releaseTimeoutMs } = this.#options;
    const deadline = performance.now() + releaseTimeoutMs;
    while (!this.#halt.signal.aborted) {
      try {
        const epoch = await membership.acquire(partition, performance.now() > deadline);
        if (epoch !== undefined) return epoch;
      } catch (error) {
        this.#options.report(error);
        await pause(FIRST_PAUSE_MS, this.#halt.signal);
      }
      await watcher.change(Math.min(IDLE_MS, releaseTimeoutMs), this.#halt.signal);
    }
    return undefined;
  }

  /** Claims and processes, again and again after errors; returns the handler when it is to be released. */
  async #work(epoch: number): Promise<PartitionHandler | undefined> {
    const { consumer, topic, partition, membership, reader } = this.#options;
    const context: PartitionContext = {
      topic: topic.spec.name,
      partition,
      partitions: topic.spec.partitions,
      signal: this.#abort.signal,
      commitOffset: (offset) => membership.commitOffset(partition, epoch, offset),
    };
    let handler: PartitionHandler | undefined;
    let failures = 0;
    while (!this.#halt.signal.aborted) {
      try {
        handler ??= consumer.handler(partition);
        const cursor = new Cursor(reader, topic, partition, await handler.claim(context));
        for (;;) {
          const batch = await this.#next(cursor);
          if (batch === undefined) break;
          await handler.process(batch, context);
          failures = 0;
        }
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

  /** Waits for the next batch; undefined when the runner is to end. */
  async #next(cursor: Cursor): Promise<RecordBatch | undefined> {
    const { limits, lingerMs, watcher } = this.#options;
    const signal = this.#halt.signal;
    // Handlers may be done without ever waiting for a timer or for I/O: heartbeats and other partitions come first.
    await new Promise(setImmediate);
    if (signal.aborted) return undefined;
    let batch = cursor.take(limits);
    while (batch === undefined) {
      await watcher.change(IDLE_MS, signal);
      if (signal.aborted) return undefined;
      batch = cursor.take(limits);
    }
    const deadline = performance.now() + lingerMs;
    for (;;) {
      const rest = deadline - performance.now();
      if (!cursor.atEnd || rest <= 0) return batch;
      await watcher.change(rest, signal);
      if (signal.aborted) return undefined;
      const more = cursor.take(limits, { records: batch.records.length, bytes: batchBytes(batch) });
      if (more !== undefined) batch = { ...more, records: [...batch.records, ...more.records] };
    }
  }
}

function batchBytes(batch: RecordBatch): number {
  let bytes = 0;
  for (const { key, value } of batch.records) bytes += (key?.length ?? 0) + (value?.length ?? 0);
  return bytes;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch {
    // Cut short: the caller looks at the signal.
  }
}
