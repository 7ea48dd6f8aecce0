import { setTimeout as delay } from 'node:timers/promises';
import { ClickproofError, hasCode } from '../contracts/errors.ts';
import type { Diagnostics } from '../contracts/running.ts';
import type { BatchBuilder } from './batch.ts';
import { fileKey } from './directory.ts';
import type { Position } from './position.ts';
import type { Reader } from './reader.ts';
import type { TrackedFile } from './tracked-file.ts';
import type { TrackedFiles } from './tracked-files.ts';
import type { ChangeWaiter } from './waiter.ts';

/** Errors that trying again does not mend. A topic that was there at the start may only be unknown to a broker that is not up to date. */
const FINAL = [
  'LOG_CORRUPT',
  'LOG_FOREIGN',
  'ANOTHER_SHIPPER',
  'RECORD_TOO_LARGE',
  'TOPIC_MISMATCH',
  'STATE_UNREADABLE',
];
const FIRST_BACKOFF_MS = 50;
const LONGEST_BACKOFF_MS = 5_000;

export interface FollowOptions {
  /** The live file; undefined: ship the files that are there to their end, then stop. */
  readonly logFile: string | undefined;
  readonly lingerMs: number;
  readonly scanIntervalMs: number;
  readonly closeInactiveMs: number;
  readonly diagnostics: Diagnostics;
  readonly signal: AbortSignal;
  /** Told of every error that interrupts shipping. */
  readonly onInterrupted: () => void;
}

export interface Parts {
  readonly position: Position;
  readonly files: TrackedFiles;
  readonly reader: Reader;
  readonly batch: BatchBuilder;
  readonly waiter: ChangeWaiter;
}

/** Follows the log: pass after pass over its files, oldest first, until it is stopped. */
export class Follower {
  readonly #parts: Parts;
  readonly #options: FollowOptions;
  #lastScan = Number.NEGATIVE_INFINITY;
  #lastSubmit = Number.NEGATIVE_INFINITY;
  #failures = 0;

  constructor(parts: Parts, options: FollowOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  /** Resolves when stopped, or at the end of a file given by hand; the transaction in hand is finished. */
  async run(): Promise<void> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      try {
        if (await this.#step()) break;
      } catch (error) {
        await this.#recover(error);
      }
    }
    await this.#finish();
  }

  /** To be told of every transaction that is committed: then the surroundings are in order again. */
  committed(): void {
    this.#failures = 0;
  }

  /** Hands what has been gathered to the event log. */
  async submit(): Promise<void> {
    const { position, batch, files } = this.#parts;
    if (batch.isEmpty) return;
    await position.submit(batch.take(), files.entries());
    this.#lastSubmit = performance.now();
  }

  async #step(): Promise<boolean> {
    const { position, batch, waiter, files } = this.#parts;
    const { lingerMs, logFile } = this.#options;
    this.#scanIfDue();
    const moved = await this.#pass();
    if (moved) waiter.busy();
    if (logFile === undefined) return files.all.every((file) => file.readTo === file.size);
    if (!batch.isEmpty) {
      const wait = this.#lastSubmit + lingerMs - performance.now();
      if (wait <= 0) await this.submit();
      else await waiter.pause(wait);
      return false;
    }
    await position.settle();
    await waiter.change();
    return false;
  }

  /** Reads every file that has changed. Older files come first, so that the order of the lines is kept. */
  async #pass(): Promise<boolean> {
    const { files, reader, batch } = this.#parts;
    const { signal } = this.#options;
    let moved = false;
    files.entriesChanged();
    for (const file of [...files.all]) {
      if (signal.aborted) return moved;
      file.measure();
      if (file.readTo !== file.size && files.hasRoomFor(file) && files.open(file)) {
        if (await reader.drain(file)) {
          file.handedOutIn = batch.latest;
          moved = true;
          files.entriesChanged();
        }
      }
      if (this.#isDone(file)) await this.#retire(file);
    }
    return moved;
  }

  /** A rotated file that has been quiet for long enough, while a newer one is being written. */
  #isDone(file: TrackedFile): boolean {
    if (file.live && !file.gone) return false;
    const hasTornEnd = file.offset < file.size;
    if (!file.isOpen && !hasTornEnd) return false;
    const { logFile, closeInactiveMs } = this.#options;
    if (logFile === undefined) return true;
    return this.#parts.files.live !== undefined && performance.now() - file.changedAt >= closeInactiveMs;
  }

  async #retire(file: TrackedFile): Promise<void> {
    const { files, reader, batch } = this.#parts;
    if (file.offset < file.size && files.hasRoomFor(file) && files.open(file)) {
      await reader.giveUpTornEnd(file);
      files.entriesChanged();
      file.handedOutIn = batch.latest;
    }
    // It went on after all, or could not be read to its end; or what was read of it may have to be read again, and once it is
    // closed a deleted file is gone for good: not now.
    if (file.offset < file.size || !file.isCommitted) return;
    files.retire(file);
  }

  #scanIfDue(): void {
    const { files, waiter } = this.#parts;
    const { logFile, scanIntervalMs } = this.#options;
    const named = waiter.takeNamed();
    const due =
      named || performance.now() - this.#lastScan >= scanIntervalMs || this.#liveFileChanged(logFile);
    if (!due) return;
    waiter.watch();
    files.scan();
    this.#lastScan = performance.now();
  }

  #liveFileChanged(logFile: string | undefined): boolean {
    if (logFile === undefined) return false;
    return (fileKey(logFile) ?? undefined) !== this.#parts.files.live?.key;
  }

  async #recover(error: unknown): Promise<void> {
    const { position, files, batch } = this.#parts;
    const { diagnostics, signal, onInterrupted } = this.#options;
    let cause = error;
    while (true) {
      if (isFinal(cause)) throw cause;
      onInterrupted();
      diagnostics.warn('shipping interrupted; going on from the committed position', { error: cause });
      batch.take();
      if (this.#failures > 0) await this.#backOff();
      this.#failures += 1;
      if (signal.aborted) return;
      try {
        files.restore(await position.reclaim(hasCode(cause, 'FENCED')));
        return;
      } catch (next) {
        cause = next;
      }
    }
  }

  async #backOff(): Promise<void> {
    const ms = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (this.#failures - 1));
    await delay(ms, undefined, { signal: this.#options.signal }).catch(() => {});
  }

  async #finish(): Promise<void> {
    try {
      await this.submit();
      await this.#parts.position.settle();
    } catch (error) {
      if (isFinal(error)) throw error;
      // Not committed, or perhaps: the next start reads which.
      this.#options.diagnostics.warn(`the last lines were not committed: ${(error as Error).message}`);
    }
  }
}

/** An error of the user's or a bug: only errors of the surroundings carry another code. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return true;
  return FINAL.includes(String(error.code)) && error instanceof ClickproofError;
}
