/** Where an event came from: the position of its line in `tracking_raw` and its place in the request. */
export interface Origin {
  readonly rawPartition: number;
  readonly rawOffset: number;
  readonly index: number;
}

/** Beyond so many disordered events nobody needs to know exactly which hop made each. */
const MOST_REMEMBERED = 100_000;

/**
 * Checks the promised order: from `tracking_processed` on, a visitor's events of one raw partition stand in the order in which
 * their lines came in. Feed it a hop's records in offset order, partition by partition. What a hop got in the wrong order
 * already is not its own fault. Kept is one entry for each visitor of a partition.
 */
export class OrderCheck {
  #partition = -1;
  #last = new Map<string, Place>();
  #before: ReadonlySet<string> = new Set();
  #here = new Set<string>();

  /** Begins the next hop. */
  nextHop(): void {
    this.#before = this.#here;
    this.#here = new Set();
    this.#last = new Map();
    this.#partition = -1;
  }

  /**
   * False where the event stands behind one that came in later, and did not do so at the hop before. A repetition of the same one is
   * no disorder.
   *
   * @param partition the hop's partition: a visitor's events lie in one (those that do not are misrouted)
   */
  inOrder(
    partition: number,
    visitor: string,
    event: string,
    { rawPartition, rawOffset, index }: Origin,
  ): boolean {
    if (partition !== this.#partition) {
      this.#partition = partition;
      this.#last = new Map();
    }
    const key = `${rawPartition} ${visitor}`;
    const last = this.#last.get(key);
    if (last === undefined) {
      this.#last.set(key, { offset: rawOffset, index });
      return true;
    }
    if (rawOffset > last.offset || (rawOffset === last.offset && index >= last.index)) {
      last.offset = rawOffset;
      last.index = index;
      return true;
    }
    const name = `${event} ${rawPartition}@${rawOffset}`;
    if (this.#here.size < MOST_REMEMBERED) this.#here.add(name);
    return this.#before.has(name);
  }
}

interface Place {
  offset: number;
  index: number;
}
