const LOOK_EVERY_MS = 100;

/** The most memory that this process has in RAM while it is watched, bytes. */
export class MemoryWatch implements Disposable {
  peakBytes = 0;
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.look();
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  look(): void {
    this.peakBytes = Math.max(this.peakBytes, process.memoryUsage.rss());
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
