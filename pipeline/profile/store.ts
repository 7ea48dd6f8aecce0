import type { FoldProgress } from './partition-fold.ts';

/**
 * Where profiles are kept. For each partition of the input topic the store has a mark, the values of the partition's visitors and
 * the segments of its dedupe window. All are a pure function of the mark: they are what the records below it fold to. The
 * log is the truth, the store only a cache of its fold: whatever it loses is folded again. So all that an implementation
 * owes is that `apply` is one step, seen whole or not at all, also by other processes and after a crash, and that
 * what it comes back with after a loss is some earlier whole state (or none).
 *
 * Every implementation passes `profile-store.contract.ts`.
 */
export interface ProfileStore {
  readonly kind: 'embedded' | 'redis';

  /** The partition as it stands. The caller has fenced its predecessor in the log before it asks. */
  claim(partition: number): Promise<StoredPartition>;

  /** Of what `claim` gives the description alone. Where an implementation leaves it out, `claim` answers it. */
  describe?(partition: number): Promise<StateDescription | null>;

  /**
   * The visitors' values at the mark, null for one that has none; `moved` when the mark is another. One step.
   *
   * @param mark null: nothing has been applied yet
   */
  read(
    partition: number,
    mark: number | null,
    visitors: readonly Buffer[],
  ): Promise<(Buffer | null)[] | 'moved'>;

  /**
   * Moves the partition from one mark to the next, values, window and progress with it. One step.
   *
   * - `applied`: the mark was `from`; now it is `to`.
   * - `already`: the mark is `to`: this very change has been applied before (an answer was lost).
   * - `refused`: neither, or the stored description is another: somebody else has the partition. Nothing is changed.
   *
   * When it throws, it has been applied or not; calling it again with the same change is safe.
   */
  apply(partition: number, change: PartitionChange): Promise<'applied' | 'already' | 'refused'>;

  /** Forgets the partition, so that it is folded anew from the start of the log. One step. */
  clear(partition: number): Promise<void>;

  close(): Promise<void>;
}

/** What state was folded with. State of other rules or of another number of partitions is of no use. */
export interface StateDescription {
  readonly rulesHash: string;
  /** How many partitions the input topic has: with another number visitors are in other partitions. */
  readonly partitions: number;
}

export interface StoredPartition {
  /** Offsets below it are folded in. Null: nothing has been applied. */
  readonly mark: number | null;
  /** Null exactly when the mark is. */
  readonly description: StateDescription | null;
  readonly progress: FoldProgress | null;
  /** The segments of the dedupe window, oldest first. */
  readonly segments: readonly Buffer[];
}

export interface PartitionChange {
  readonly from: number | null;
  /** Greater than `from`. */
  readonly to: number;
  readonly values: readonly { readonly visitor: Buffer; readonly value: Buffer }[];
  /** Added to the window. */
  readonly segment: Buffer | null;
  /** Segments added with a `to` at or below this are dropped. */
  readonly dropBefore: number;
  readonly progress: FoldProgress;
  readonly description: StateDescription;
}
