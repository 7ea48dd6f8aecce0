/** The run's time: a steady clock, so that nobody setting the system's clock makes a latency negative. */
export class RunClock {
  /** Steady time of `due` 0. */
  readonly #origin: number;
  readonly #speed: number | null;

  /** `began`: Unix time, ms, of `due` 0. `speed`: how fast the plan's time passes, null where it does not count. */
  constructor(began: number, speed: number | null) {
    this.#origin = performance.now() - (Date.now() - began);
    this.#speed = speed;
  }

  /** Steady time, ms. */
  now(): number {
    return performance.now();
  }

  /** When a request is due: steady time. */
  dueOf(planned: number): number {
    return this.#speed === null ? this.now() : this.#origin + planned / this.#speed;
  }

  /** Steady time as ms since the run began. */
  sinceBegan(steady: number): number {
    return steady - this.#origin;
  }
}

/** Steady time as Unix time, ms with microseconds. */
export function unixTime(steady: number): number {
  return Math.round((performance.timeOrigin + steady) * 1000) / 1000;
}
