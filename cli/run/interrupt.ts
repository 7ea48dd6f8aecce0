/**
 * Ctrl-C twice: the first stops sending and lets the run come to its report, the second ends everything at once.
 */
export class Interrupt {
  readonly #controller = new AbortController();
  readonly #onSignal: () => void;

  constructor(options: { first: () => void; second: () => void }) {
    this.#onSignal = () => {
      if (this.#controller.signal.aborted) {
        options.second();
        process.exit(130);
      }
      options.first();
      this.#controller.abort();
    };
    process.on('SIGINT', this.#onSignal);
    process.on('SIGTERM', this.#onSignal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    process.off('SIGINT', this.#onSignal);
    process.off('SIGTERM', this.#onSignal);
  }
}
