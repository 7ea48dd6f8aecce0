import { type FSWatcher, watch } from 'node:fs';
import { fileKey } from './directory.ts';

/** The shortest time between two looks at a log that has just been busy, ms. */
const SHORTEST_MS = 1;

/**
 * Waits for a directory to change. The operating system's notices make it quick; looking by itself now and then,
 * less and less often the longer nothing happens, makes it certain: notices are lost, and some file systems have none.
 */
export class ChangeWaiter {
  readonly #directory: string;
  readonly #longest: number;
  #watcher: FSWatcher | null = null;
  #watched: string | null = null;
  #interval = SHORTEST_MS;
  #changed = false;
  #named = false;
  #wake: (() => void) | null = null;
  #stopped = false;

  /** @param longest the longest time between two looks, ms */
  constructor(directory: string, longest: number) {
    this.#directory = directory;
    this.#longest = Math.max(SHORTEST_MS, longest);
  }

  /** Asks for notices, if they are not coming already. Without them it still works, by looking. */
  watch(): void {
    if (this.#stopped) return;
    const key = fileKey(this.#directory);
    if (this.#watcher !== null && key === this.#watched) return;
    // The notices of a directory that was deleted and made again are those of the old one.
    this.#unwatch();
    this.#watched = key;
    try {
      const watcher = watch(this.#directory, { persistent: false }, (event) => {
        this.#changed = true;
        // A name came or went.
        if (event === 'rename') this.#named = true;
        this.#wake?.();
      });
      watcher.on('error', () => this.#unwatch());
      this.#watcher = watcher;
    } catch {
      // Not there yet, or no more watches to be had.
    }
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }

  /** Whether a name came or went since the last call. */
  takeNamed(): boolean {
    const named = this.#named;
    this.#named = false;
    return named;
  }

  /** Something was found: look again soon. */
  busy(): void {
    this.#interval = SHORTEST_MS;
  }

  /** Until something changes, or it is time to look. */
  async change(): Promise<void> {
    if (!this.#changed) await this.#sleep(this.#interval, true);
    this.#changed = false;
    this.#interval = Math.min(this.#longest, this.#interval * 2);
  }

  /** A fixed time, which only `stop` cuts short. */
  async pause(ms: number): Promise<void> {
    await this.#sleep(ms, false);
  }

  /** Ends every waiting, now and later. */
  stop(): void {
    this.#stopped = true;
    this.#unwatch();
    this.#wake?.();
  }

  #sleep(ms: number, wakeable: boolean): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
      const timer = setTimeout(finish, ms);
      this.#wake = () => {
        if (wakeable || this.#stopped) finish();
      };
    });
  }
}
