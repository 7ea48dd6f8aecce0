import { ClickproofError } from '../contracts/errors.ts';
import type { Diagnostics } from '../contracts/running.ts';
import type { OutRecord, PartitionContext, PartitionHandler, RecordBatch } from '../log/port.ts';
import type { ProfileFold } from '../profile/fold.ts';
import { type FoldCounts, type FoldLimits, NO_PROGRESS, PartitionFold } from '../profile/partition-fold.ts';
import type { PartitionChange, ProfileStore, StateDescription, StoredPartition } from '../profile/store.ts';
import type { OutRecords } from './out-records.ts';
import type { PartitionWorker } from './partition-worker.ts';
import { PersisterMessages } from './persister-message.ts';
import { failedMessage, type SourceRecord } from './stage-function.ts';
import { stageError } from './stage-handler.ts';
import { type Gap, refusal } from './starting-offset.ts';
import type { WorkerCounters } from './worker-stats.ts';

export interface PersisterHandlerOptions {
  readonly worker: PartitionWorker;
  readonly store: ProfileStore;
  readonly fold: ProfileFold;
  readonly rulesHash: string;
  readonly limits: FoldLimits;
  readonly onRulesChanged: 'refuse' | 'rebuild';
  readonly records: OutRecords;
  readonly counters: WorkerCounters;
  readonly diagnostics: Diagnostics;
  /** Told when the partition is given up. */
  readonly onRelease?: (() => void) | undefined;
}

const STAGE = 'persister';
/** How often one change is offered to the store before the partition is claimed again. */
const APPLY_ATTEMPTS = 3;

/**
 * The profile stage. The log comes first: outputs and the group's offset are committed in one transaction, then values, window and
 * mark are applied to the store in one step that compares the mark. So the store is a pure function of its mark and at most one
 * batch behind the outputs. Crash, zombie, unknown outcome and a store that lost something share one way back: fold the
 * input again from the mark, silently up to the group's offset.
 *
 * Numbers in comments are the steps of the protocol (docs/decisions).
 */
export class PersisterHandler implements PartitionHandler {
  readonly #options: PersisterHandlerOptions;
  readonly #messages: PersisterMessages;
  #folding: PartitionFold | undefined;
  #description!: StateDescription;
  /** The mark as it must be for the next step. */
  #mark: number | null = null;
  /** Offsets below it had their outputs when the partition was claimed: they are only folded. */
  #rebuildTo = 0;

  constructor(options: PersisterHandlerOptions) {
    this.#options = options;
    this.#messages = new PersisterMessages(options.fold);
  }

  /** Claims the partition; returns where to read from: the mark, or the start of the log. */
  async claim({ partitions }: PartitionContext): Promise<number> {
    const { worker, store, rulesHash, fold, limits, counters } = this.#options;
    const { partition } = worker.place;
    const { committed, ends, start } = await worker.claim(); // 3, 4
    this.#description = { rulesHash, partitions };
    const stored = await this.#usable(await store.claim(partition)); // 4, 5

    if (stored.mark !== null && stored.mark > start) {
      // Whoever has been fenced in between sees what its successor has done.
      if (stored.mark <= ((await worker.committed()) ?? start)) throw moved(partition);
      throw refusal(
        worker.place,
        `profiles are folded up to ${stored.mark}, beyond the group's offset ${start}: they belong to another log`,
        'use the profile store that goes with this log, or an empty one: profiles are folded again from the log',
      );
    }
    const gap = profileGap(stored.mark, committed, ends.start);
    if (gap) worker.loss.onGap(gap, 'profiles have to be folded again from a mark below'); // 6

    this.#folding = new PartitionFold(fold, limits, {
      progress: stored.progress ?? NO_PROGRESS,
      segments: stored.segments,
    });
    this.#mark = stored.mark;
    this.#rebuildTo = start;
    const position = Math.max(stored.mark ?? ends.start, ends.start); // 7
    counters.positions.set(partition, position);
    return position;
  }

  async process(batch: RecordBatch, context: PartitionContext): Promise<void> {
    const source = (record: RecordBatch['records'][number]): SourceRecord => ({
      ...record,
      topic: batch.topic,
      partition: batch.partition,
    });
    const cut = batch.records.findIndex(({ offset }) => offset >= this.#rebuildTo);
    const folded = cut === -1 ? batch.records : batch.records.slice(0, cut);
    const live = cut === -1 ? [] : batch.records.slice(cut);
    if (folded.length > 0) {
      await this.#step(folded.map(source), Math.min(batch.nextOffset, this.#rebuildTo), context);
    }
    if (live.length > 0) await this.#step(live.map(source), batch.nextOffset, context);
  }

  /** What has been counted below the mark, exactly; undefined before the first claim. */
  counts(): FoldCounts | undefined {
    return this.#folding?.progress().counts;
  }

  async release(): Promise<void> {
    this.#options.onRelease?.();
    await this.#options.worker.release();
  }

  /** One batch that is either all below the committed offset, to be folded only, or all above. */
  async #step(sources: readonly SourceRecord[], to: number, context: PartitionContext): Promise<void> {
    const { worker, counters, records } = this.#options;
    const { partition } = worker.place;
    const rebuilding = to <= this.#rebuildTo;

    const outcome = await this.#fold(sources); // 8, 9
    if (!rebuilding) {
      await worker.commit(outcome.written, to, context); // 10; 11: what is thrown here ends in a claim
      counters.wrote(sources.length, outcome.written, records.failedTopic);
      for (const kind of outcome.kinds) counters.count(kind);
    } else {
      counters.count('refolded', sources.length);
    }
    await this.#apply(to); // 12, 13
    counters.positions.set(partition, to);
  }

  async #fold(sources: readonly SourceRecord[]): Promise<{ written: OutRecord[]; kinds: string[] }> {
    const { worker, store, records } = this.#options;
    const messages = this.#messages;
    const folding = this.#folding!;
    const decoded = sources.map((source) => messages.decode(source));
    const visitors = new Set<string>();
    for (const one of decoded)
      if ('input' in one && one.input.visitor !== null) visitors.add(one.input.visitor);
    folding.load(await readValues(store, worker.place.partition, this.#mark, folding.begin(visitors)));

    const written: OutRecord[] = [];
    const kinds: string[] = [];
    sources.forEach((source, i) => {
      const one = decoded[i]!;
      if ('problem' in one) {
        folding.skip(source.offset, source.timestamp);
        written.push(records.failure(source, malformed(source, one.problem)));
        kinds.push('failed');
        return;
      }
      try {
        const outcome = folding.fold(one.input);
        if ('added' in outcome) {
          const message = messages.completed(source.value!, one.input.fields, outcome.added);
          written.push(records.output(source, source.key, message));
        }
        kinds.push(outcome.kind);
      } catch (error) {
        written.push(records.failure(source, stageError(STAGE, source, error)));
        kinds.push('failed');
      }
    });
    return { written, kinds };
  }

  async #apply(to: number): Promise<void> {
    const { worker, store } = this.#options;
    const { values, ...rest } = this.#folding!.changes();
    const change: PartitionChange = {
      ...rest,
      from: this.#mark,
      to,
      values: Array.from(values, ([visitor, value]) => ({ visitor: Buffer.from(visitor, 'latin1'), value })),
      description: this.#description,
    };
    for (let attempt = 1; ; attempt++) {
      try {
        if ((await store.apply(worker.place.partition, change)) === 'refused')
          throw moved(worker.place.partition);
        this.#mark = to;
        return;
      } catch (error) {
        // Applied or not: the same change again does no harm, and finds out.
        if (error instanceof ClickproofError || attempt === APPLY_ATTEMPTS) throw error;
        this.#options.diagnostics.warn('the profile store did not answer; asking again', {
          ...worker.place,
          error: String(error),
        });
      }
    }
  }

  /** From how many partitions the others were folded: one that was added to the topic was never folded itself. */
  async #partitionsOfOthers(): Promise<number | undefined> {
    const { worker, store } = this.#options;
    for (let other = 0; other < this.#description.partitions; other++) {
      if (other === worker.place.partition) continue;
      // Their windows, which are much, are none of this one's business.
      const description = store.describe
        ? await store.describe(other)
        : (await store.claim(other)).description;
      if (description !== null) return description.partitions;
    }
    return undefined;
  }

  /** The stored state, if it was folded as this worker folds. */
  async #usable(stored: StoredPartition): Promise<StoredPartition> {
    const { worker, store, onRulesChanged, diagnostics } = this.#options;
    const { rulesHash, partitions } = this.#description;
    const { place } = worker;
    const foldedFrom = stored.description?.partitions ?? (await this.#partitionsOfOthers());
    if (foldedFrom !== undefined && foldedFrom !== partitions) {
      throw refusal(
        place,
        `profiles were folded from ${foldedFrom} partitions, the topic has ${partitions}: visitors would have two`,
        'stop the producers, let everything drain, then begin with a new topic, group and profile store',
      );
    }
    if (stored.description === null) return stored;
    if (stored.description.rulesHash === rulesHash) return stored;
    if (onRulesChanged === 'refuse') {
      throw refusal(
        place,
        'profiles were folded with other rules or window sizes',
        'restore the rules, or start with --on-rules-changed rebuild to fold all profiles anew from the log',
      );
    }
    diagnostics.info('the rules have changed: profiles are folded anew from the log', { ...place });
    await store.clear(place.partition);
    return store.claim(place.partition);
  }
}

/** What the log no longer has of the records that profiles are to be folded from. */
function profileGap(mark: number | null, committed: number | null, start: number): Gap | undefined {
  // Without mark and offset nothing was ever folded: what the log dropped before was never this group's.
  const from = mark ?? (committed === null ? start : 0);
  return from < start ? { from, to: start } : undefined;
}

async function readValues(
  store: ProfileStore,
  partition: number,
  mark: number | null,
  visitors: readonly string[],
) {
  const found = await store.read(
    partition,
    mark,
    visitors.map((visitor) => Buffer.from(visitor, 'latin1')),
  );
  if (found === 'moved') throw moved(partition);
  const values = new Map<string, Buffer>();
  found.forEach((value, i) => {
    if (value) values.set(visitors[i]!, value);
  });
  return values;
}

function moved(partition: number): ClickproofError {
  return new ClickproofError(
    'PROFILE_MOVED',
    `somebody else has folded partition ${partition}: claiming it again`,
  );
}

function malformed(source: SourceRecord, message: string) {
  return failedMessage(source, {
    type: 'message_format',
    stage: STAGE,
    errors: [{ code: 'not_a_flattened_message', message }],
  });
}
