import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { writeFailed } from './errors.ts';

/** `fs.writeSync`: writes some of the bytes from `offset` on, gives how many. */
export type WriteSync = (fd: number, bytes: Buffer, offset: number) => number;

/** Appends whole lines. What `flush` has returned from is with the operating system and outlives this process. */
export class AppendFile {
  readonly #path: string;
  readonly #fd: number;
  readonly #maxPending: number;
  readonly #write: WriteSync;
  #pending = '';
  #size = 0;

  /** Beyond `maxPending` characters a line is not held back any longer. */
  constructor(path: string, maxPending: number, write: WriteSync = writeSync) {
    this.#path = path;
    this.#maxPending = maxPending;
    this.#write = write;
    try {
      this.#fd = openSync(path, 'wx');
    } catch (error) {
      throw writeFailed(path, error);
    }
  }

  /** Adds a line, without its end. */
  append(line: string): void {
    this.#pending += `${line}\n`;
    if (this.#pending.length >= this.#maxPending) this.flush();
  }

  /**
   * Hands all lines to the operating system.
   *
   * @throws ClickproofError LEDGER_WRITE_FAILED; half a line is cut off again, where that is possible.
   */
  flush(): void {
    if (this.#pending === '') return;
    const bytes = Buffer.from(this.#pending, 'utf8');
    this.#pending = '';
    let written = 0;
    try {
      while (written < bytes.length) written += this.#write(this.#fd, bytes, written);
    } catch (error) {
      this.#cutBack();
      throw writeFailed(this.#path, error);
    }
    this.#size += bytes.length;
  }

  close(): void {
    try {
      this.flush();
    } finally {
      closeSync(this.#fd);
    }
  }

  #cutBack(): void {
    try {
      ftruncateSync(this.#fd, this.#size);
    } catch {
      // The reader copes with a torn end; the error that led here is the one to report.
    }
  }
}
