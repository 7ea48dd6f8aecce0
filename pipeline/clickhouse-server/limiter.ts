/** Lets so many in at a time; a bounded number wait in line, first come, first served. */
export class Limiter {
  #free: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];

  constructor(concurrent: number, maxWaiting: number) {
    this.#free = concurrent;
    this.#maxWaiting = maxWaiting;
  }

  /** True when nobody more may wait. */
  get full(): boolean {
    return this.#free === 0 && this.#waiting.length >= this.#maxWaiting;
  }

  /** Resolves to the function that gives the place back. */
  async enter(): Promise<() => void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    };
  }
}
