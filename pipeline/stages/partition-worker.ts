import { ClickproofError } from '../contracts/errors.ts';
import type { Diagnostics } from '../contracts/running.ts';
import type {
  EventLog,
  OutRecord,
  PartitionContext,
  PartitionEnds,
  TransactionalProducer,
} from '../log/port.ts';
import { RecordTooLarge } from '../log/record-too-large.ts';
import type { OutRecords } from './out-records.ts';
import { LossPolicy, type Place, readPosition, startingOffset } from './starting-offset.ts';
import type { WorkerCounters } from './worker-stats.ts';

export interface PartitionWorkerOptions {
  readonly log: EventLog;
  readonly place: Place;
  readonly records: OutRecords;
  readonly counters: WorkerCounters;
  readonly acceptLoss: boolean;
  readonly diagnostics: Diagnostics;
}

/** Where a newly claimed partition stands. */
export interface Claimed {
  /** The group's offset as it is committed; null: none. */
  readonly committed: number | null;
  readonly ends: PartitionEnds;
  /** Where the group goes on. */
  readonly start: number;
}

/** What the transactional workers of one partition have in common: the producer, claimed, and commits through it. */
export class PartitionWorker {
  readonly place: Place;
  readonly loss: LossPolicy;
  readonly #options: PartitionWorkerOptions;
  #producer: TransactionalProducer | undefined;
  /** From when a claim begins. */
  #held = false;

  constructor(options: PartitionWorkerOptions) {
    this.#options = options;
    this.place = options.place;
    const { counters, diagnostics, place } = options;
    this.loss = new LossPolicy(place, options.acceptLoss, (gap, message) => {
      counters.gaps.push({ ...gap, partition: place.partition });
      diagnostics.error(message, { ...place, ...gap });
    });
  }

  /**
   * Fences the predecessor, and only then reads the offset: read before, it could still move. One transactional id an input
   * partition, because a transaction that commits offsets names no generation of the group.
   */
  async claim(): Promise<Claimed> {
    const { log, counters } = this.#options;
    const { group, topic, partition } = this.place;
    await this.release();
    this.#held = true;
    this.#producer = await log.claim(`${group}:${topic}:${partition}`);
    const { committed, ends } = await readPosition(log, this.place);
    const start = startingOffset(this.place, committed, ends, this.loss.onGap);
    // At once, so that whoever looks sees as many partitions held as were claimed.
    counters.claims++;
    counters.positions.set(partition, start);
    return { committed, ends, start };
  }

  /**
   * The same for those who commit offsets outside of transactions too, as sinks do: they make sure that they still belong to the group.
   * One that does not could fence its successor and go ahead of it; the successor's next offset, which no claim stops, would go back
   * behind what was written in the transaction. Whoever takes over later claims later, and fences in turn.
   *
   * @throws ClickproofError FENCED the group has moved on to another generation
   */
  async claimAsMember(context: PartitionContext): Promise<Claimed> {
    const claimed = await this.claim();
    await context.commitOffset(claimed.start);
    return claimed;
  }

  /** The group's offset as it is now. */
  async committed(): Promise<number | null> {
    return (await readPosition(this.#options.log, this.place)).committed;
  }

  /** Writes records and the group's offset, or nothing. After an error the partition must be claimed again. */
  async commit(records: readonly OutRecord[], offset: number, { signal }: PartitionContext): Promise<void> {
    const { group, topic, partition } = this.place;
    if (signal.aborted || !this.#producer) {
      throw new ClickproofError('REVOKED', `${topic}/${partition} is no longer assigned`);
    }
    try {
      await this.#producer.commit({ records, offsets: { group, topic, offsets: [{ partition, offset }] } });
    } catch (error) {
      await this.release();
      if (error instanceof RecordTooLarge) this.#options.records.learnLimit(error);
      throw error;
    }
    this.#options.counters.transactions++;
  }

  /** Lets the producer go. */
  async release(): Promise<void> {
    const { counters, diagnostics } = this.#options;
    if (this.#held) counters.releases++;
    this.#held = false;
    counters.positions.delete(this.place.partition);
    const producer = this.#producer;
    this.#producer = undefined;
    try {
      await producer?.close();
    } catch (error) {
      diagnostics.warn('closing a producer failed', { ...this.place, error: String(error) });
    }
  }
}
