/** Where an event came from: the position of its line in `tracking_raw` and its place in the request. */
export interface Origin {
  readonly rawPartition: number;
  readonly rawOffset: number;
  readonly index: number;
}

/**
 * Checks the promised order: from `tracking_processed` on, a visitor's events of one raw partition stand in the order in which
 * their lines came in. Feed it a hop's records in offset order, partition by partition. One number a visitor is kept.
 */
export class OrderCheck {
  readonly #last = new Map<string, number>();
  readonly #lastIndex = new Map<string, number>();

  /** False where the event stands behind one that came in later. A repetition of the same one is no disorder. */
  inOrder(visitor: string, origin: Origin): boolean {
    const key = `${origin.rawPartition}\0${visitor}`;
    const last = this.#last.get(key) ?? -1;
    const lastIndex = this.#lastIndex.get(key) ?? 0;
    if (origin.rawOffset > last) {
      this.#last.set(key, origin.rawOffset);
      if (origin.index > 0 || lastIndex > 0) this.#lastIndex.set(key, origin.index);
      return true;
    }
    if (origin.rawOffset < last || origin.index < lastIndex) return false;
    this.#lastIndex.set(key, origin.index);
    return true;
  }
}
