import type { BatchHeader } from './record-batch.ts';

/** A transaction that was aborted: all of its producer's from its first offset to the marker that ends it. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

/**
 * Tells the batches of aborted transactions apart. A fetch of committed records brings along those of aborted ones, and a list of the
 * aborted transactions that reach into it; several of them can have begun before the fetch does.
 */
export class AbortFilter {
  readonly #ahead: AbortedTransaction[];
  readonly #open = new Set<bigint>();

  /** @param aborted the list that came with the fetch, in any order */
  constructor(aborted: readonly AbortedTransaction[]) {
    this.#ahead = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
  }

  /** True when the batch's records count. To be asked of every batch of the fetch, in their order. */
  admits(batch: BatchHeader): boolean {
    while (this.#ahead.length > 0 && this.#ahead[0]!.firstOffset <= batch.lastOffset) {
      this.#open.add(this.#ahead.shift()!.producerId);
    }
    if (batch.control === undefined) return !(batch.transactional && this.#open.has(batch.producerId));
    // Only a marker ends a transaction, never what a record has for its key.
    if (batch.control === 'abort') this.#open.delete(batch.producerId);
    return false;
  }
}
