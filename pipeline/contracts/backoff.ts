import { setTimeout as sleep } from 'node:timers/promises';

/** Pauses that double from `minMs` to `maxMs`, each cut by up to a half at random so that many do not come at once. */
export class Backoff {
  #next: number;
  readonly #minMs: number;
  readonly #maxMs: number;

  constructor(minMs: number, maxMs: number) {
    this.#minMs = minMs;
    this.#maxMs = maxMs;
    this.#next = minMs;
  }

  /** @throws the signal's reason when it is aborted. */
  async wait(signal?: AbortSignal): Promise<void> {
    const ms = this.#next * (1 - Math.random() / 2);
    this.#next = Math.min(this.#next * 2, this.#maxMs);
    await sleep(ms, undefined, signal && { signal });
  }

  reset(): void {
    this.#next = this.#minMs;
  }
}
