/**
 * One Ctrl-C can arrive several times: the terminal sends it to every process of its group, and npm passes on to its script
 * what it gets. Nobody means two by presses this close to each other.
 */
const ONE_PRESS_MS = 300;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Ctrl-C twice: the first stops sending and lets the run come to its report, the second ends everything at once. */
export class Interrupt {
  readonly #controller = new AbortController();
  readonly #onSignal: (signal: NodeJS.Signals) => void;
  #at = 0;

  /** @param first called for the first of them */
  constructor(first: (signal: NodeJS.Signals) => void) {
    this.#onSignal = (signal) => {
      const now = performance.now();
      if (!this.signal.aborted) {
        this.#at = now;
        first(signal);
        this.#controller.abort();
      } else if (now - this.#at >= ONE_PRESS_MS) process.exit(130);
    };
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  /** Aborted by the first. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }
}

/** Resolves with the next Ctrl-C. One more, after that, ends the process at once. */
export async function nextInterrupt(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  new Interrupt(() => resolve());
  await promise;
}
