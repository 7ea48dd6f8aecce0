import { type BatchLimits, type BatchSource, recordBytes } from '../group/batches.ts';
import { type Holding, pause } from '../group/partition-runner.ts';
import type { RecordBatch } from '../port.ts';
import type { Topic } from './catalogue.ts';
import { Cursor } from './cursor.ts';
import type { Membership } from './membership.ts';
import type { Reader } from './reader.ts';
import type { Watcher } from './watcher.ts';

const PAUSE_MS = 50;
/** How long to sleep at most when nothing happens. */
const IDLE_MS = 1_000;

export interface OwnershipOptions {
  readonly limits: BatchLimits;
  readonly topic: Topic;
  readonly partition: number;
  readonly membership: Membership;
  readonly reader: Reader;
  readonly watcher: Watcher;
  /** How long a living predecessor is waited for. */
  readonly releaseTimeoutMs: number;
  report(error: unknown): void;
}

/** One assignment of a partition: it is owned by one member at a time, under an epoch of its own. */
export class Ownership implements Holding {
  readonly #options: OwnershipOptions;
  #epoch: number | undefined;

  constructor(options: OwnershipOptions) {
    this.#options = options;
  }

  /** False when another member has taken the partition. Before it is acquired: true. */
  stillOwner(): boolean {
    return this.#epoch === undefined || this.#options.membership.owns(this.#options.partition, this.#epoch);
  }

  async acquire(halt: AbortSignal): Promise<boolean> {
    const { membership, partition, watcher, releaseTimeoutMs, report } = this.#options;
    const deadline = performance.now() + releaseTimeoutMs;
    while (!halt.aborted) {
      try {
        this.#epoch = await membership.acquire(partition, performance.now() > deadline);
        if (this.#epoch !== undefined) return true;
      } catch (error) {
        report(error);
        await pause(PAUSE_MS, halt);
      }
      await watcher.change(Math.min(IDLE_MS, releaseTimeoutMs), halt);
    }
    return false;
  }

  partitions(): number {
    return this.#options.topic.spec.partitions;
  }

  commitOffset(offset: number): Promise<void> {
    const { membership, partition } = this.#options;
    return membership.commitOffset(partition, this.#epoch!, offset);
  }

  async read(offset: number, through: (source: BatchSource) => Promise<void>): Promise<void> {
    const { reader, topic, partition, limits, watcher } = this.#options;
    await through(new CursorSource(new Cursor(reader, topic, partition, offset), limits, watcher));
  }

  async free(): Promise<void> {
    const { membership, partition } = this.#options;
    try {
      await membership.release(partition, this.#epoch!);
    } catch {
      // The next owner takes it all the same, a little later.
    }
    this.#epoch = undefined;
  }
}

/** Batches of a cursor: whenever the log changes it is looked at again. */
class CursorSource implements BatchSource {
  readonly restMs = 0;
  readonly idleMs = IDLE_MS;
  readonly #cursor: Cursor;
  readonly #limits: BatchLimits;
  readonly #watcher: Watcher;
  #batch: RecordBatch | undefined;
  #bytes = 0;

  constructor(cursor: Cursor, limits: BatchLimits, watcher: Watcher) {
    this.#cursor = cursor;
    this.#limits = limits;
    this.#watcher = watcher;
  }

  get empty(): boolean {
    return this.#batch === undefined;
  }

  get full(): boolean {
    return !this.#cursor.atEnd;
  }

  look(): void {
    const before = this.#batch?.records ?? [];
    const more = this.#cursor.take(this.#limits, { records: before.length, bytes: this.#bytes });
    if (more === undefined) return;
    this.#batch = before.length === 0 ? more : { ...more, records: [...before, ...more.records] };
    for (const record of more.records) this.#bytes += recordBytes(record);
  }

  change(ms: number, signal: AbortSignal): Promise<void> {
    return this.#watcher.change(ms, signal);
  }

  take(): RecordBatch {
    const batch = this.#batch!;
    this.#batch = undefined;
    this.#bytes = 0;
    return batch;
  }
}
