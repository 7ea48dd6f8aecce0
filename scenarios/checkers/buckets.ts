import { createReadStream } from 'node:fs';
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Lines of one bucket are compared in memory; this many fit comfortably. */
export const LINES_PER_BUCKET = 10_000;
export const MOST_BUCKETS = 512;
/** What all buckets together may hold before it is written, characters. */
const PENDING_CHARACTERS = 16 * 1024 * 1024;

/**
 * Spreads lines of text over files by the hash of their key, so that all lines of a key lie in one file and one file fits
 * in memory whatever the run's size (the partitioning step of a Grace hash join). Within a file lines keep the order
 * in which they were added.
 */
export class Buckets {
  readonly #folder: string;
  readonly #pending: string[];
  readonly #flushAt: number;

  private constructor(folder: string, count: number) {
    this.#folder = folder;
    this.#pending = new Array<string>(count).fill('');
    this.#flushAt = Math.ceil(PENDING_CHARACTERS / count);
  }

  /** Makes the files in a new folder. `lines`: how many are to be expected, roughly. */
  static async create(folder: string, lines: number): Promise<Buckets> {
    const count = Math.min(MOST_BUCKETS, Math.max(1, Math.ceil(lines / LINES_PER_BUCKET)));
    await mkdir(folder, { recursive: true });
    const buckets = new Buckets(folder, count);
    for (let i = 0; i < count; i++) await writeFile(buckets.#path(i), '');
    return buckets;
  }

  /**
   * Adds a line (without its end; it must hold none). Returns a promise, to be awaited, only where a buffer was full: a promise
   * for each of millions of lines would cost more than the lines.
   */
  add(key: string, line: string): Promise<void> | undefined {
    const bucket = hash(key) % this.#pending.length;
    this.#pending[bucket] += `${line}\n`;
    return this.#pending[bucket]!.length >= this.#flushAt ? this.#flush(bucket) : undefined;
  }

  /** Hands out the buckets one after the other, each as the lines of its keys. Nothing can be added afterwards. */
  async *drain(): AsyncGenerator<string[]> {
    for (let i = 0; i < this.#pending.length; i++) {
      await this.#flush(i);
    }
    for (let i = 0; i < this.#pending.length; i++) {
      yield await linesOf(this.#path(i));
      await rm(this.#path(i));
    }
  }

  /** Removes the files, drained or not. */
  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Opens the file each time: three times 512 open ones are more than some systems allow. */
  async #flush(bucket: number): Promise<void> {
    const text = this.#pending[bucket]!;
    this.#pending[bucket] = '';
    if (text !== '') await appendFile(this.#path(bucket), text);
  }

  #path(bucket: number): string {
    return join(this.#folder, `bucket-${bucket}`);
  }
}

/** Read in pieces, as one text can be too long for a string. */
async function linesOf(path: string): Promise<string[]> {
  const lines: string[] = [];
  let rest = '';
  for await (const piece of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 18 })) {
    const parts = (rest + (piece as string)).split('\n');
    rest = parts.pop()!;
    for (const part of parts) lines.push(part);
  }
  return lines;
}

function hash(key: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) h = Math.imul(h ^ key.charCodeAt(i), 0x01000193);
  return (h ^ (h >>> 15)) >>> 0;
}
