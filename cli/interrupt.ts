import { writeSync } from 'node:fs';

/**
 * One Ctrl-C can arrive several times: the terminal sends it to every process of its group, and npm passes on to its script
 * what it gets. Nobody means two by presses this close to each other.
 */
export const ONE_PRESS_MS = 300;

/** A terminal that is closed says SIGHUP. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How long what must not be left behind may take to be removed. */
const LAST_MS = 20_000;

/**
 * Ctrl-C twice: the first stops sending and lets the run come to its report, the second ends everything at once (a third does, where
 * there is something that must be removed first).
 */
export class Interrupt {
  readonly #controller = new AbortController();
  readonly #onSignal: (signal: NodeJS.Signals) => void;
  #at = 0;
  #ending = false;

  /**
   * @param first called for the first of them
   * @param last removes, at the second, what would outlive this process
   * @param leaves what to say at the second of what stays behind
   */
  constructor(
    first: (signal: NodeJS.Signals) => void,
    last?: () => Promise<void>,
    leaves?: () => string | undefined,
  ) {
    this.#onSignal = (signal) => {
      const now = performance.now();
      if (!this.signal.aborted) {
        this.#at = now;
        first(signal);
        this.#controller.abort();
      } else if (now - this.#at >= ONE_PRESS_MS) {
        this.#at = now;
        if (!this.#ending) sayNow(leaves?.());
        this.#end(last);
      }
    };
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  #end(last: (() => Promise<void>) | undefined): void {
    const end = () => process.exit(130);
    if (last === undefined || this.#ending) end();
    this.#ending = true;
    setTimeout(end, LAST_MS);
    last?.().then(end, end);
  }

  /** Aborted by the first. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }
}

/** Says it before the process can end. */
function sayNow(text: string | undefined): void {
  if (text === undefined) return;
  try {
    writeSync(process.stderr.fd, `${text}\n`);
  } catch {
    // Nobody listens any more.
  }
}

/** Resolves with the next Ctrl-C. One more, after that, ends the process at once. */
export async function nextInterrupt(
  last?: () => Promise<void>,
  leaves?: () => string | undefined,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  new Interrupt(() => resolve(), last, leaves);
  await promise;
}
