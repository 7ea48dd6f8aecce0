import type { Reader } from './reader.ts';

const SHORTEST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 50;
const GROWTH = 1.5;

/**
 * Tells waiting readers that some process has committed. SQLite has no way to notify another process, so the file's change
 * counter is polled, every 2 ms while there is traffic, backing off to 50 ms; not at all when nobody waits.
 */
export class Watcher {
  readonly #reader: Reader;
  #version: number;
  #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #pause = SHORTEST_PAUSE_MS;

  constructor(reader: Reader) {
    this.#reader = reader;
    this.#version = reader.version();
  }

  /** Resolves at the next commit of any process, after `timeoutMs`, or when the signal is aborted; it never rejects. */
  async change(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    signal?.addEventListener('abort', resolve as () => void, { once: true });
    this.#waiting.push(resolve);
    this.#arm();
    await promise;
    clearTimeout(timer);
    signal?.removeEventListener('abort', resolve as () => void);
    const at = this.#waiting.indexOf(resolve);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  /** Wakes everybody: this process has committed, or is closing. */
  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#pause = SHORTEST_PAUSE_MS;
    for (const resolve of waiting) resolve();
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => this.#poll(), this.#pause);
  }

  #poll(): void {
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    if (this.#changed()) this.wake();
    else {
      this.#pause = Math.min(LONGEST_PAUSE_MS, this.#pause * GROWTH);
      this.#arm();
    }
  }

  #changed(): boolean {
    try {
      const version = this.#reader.version();
      const changed = version !== this.#version;
      this.#version = version;
      return changed;
    } catch {
      // Whoever waits reads next, and meets the error where it can be told.
      return true;
    }
  }
}
