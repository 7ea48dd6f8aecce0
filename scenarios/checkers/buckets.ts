import { type FileHandle, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeRow, encodeRow, type Row } from './rows.ts';

/** Rows of one bucket are compared in memory; this many fit comfortably. */
const ROWS_PER_BUCKET = 100_000;
const MOST_BUCKETS = 256;
const FLUSH_CHARACTERS = 256 * 1024;

/**
 * Spreads rows over files by the hash of their key, so that all rows of a key lie in one file and one file fits
 * in memory whatever the run's size (the partitioning step of a Grace hash join).
 */
export class Buckets {
  readonly #folder: string;
  readonly #pending: string[][];
  readonly #sizes: number[];
  #files: FileHandle[] = [];

  private constructor(folder: string, count: number) {
    this.#folder = folder;
    this.#pending = Array.from({ length: count }, () => []);
    this.#sizes = new Array<number>(count).fill(0);
  }

  /** Makes the files in a new folder. `rows`: how many rows are to be expected, roughly. */
  static async create(folder: string, rows: number): Promise<Buckets> {
    const count = Math.min(MOST_BUCKETS, Math.max(1, Math.ceil(rows / ROWS_PER_BUCKET)));
    await mkdir(folder, { recursive: true });
    const buckets = new Buckets(folder, count);
    for (let i = 0; i < count; i++) buckets.#files.push(await open(buckets.#path(i), 'w'));
    return buckets;
  }

  /** Adds a row. Resolves at once unless a buffer is full. */
  async add(key: string, row: Row): Promise<void> {
    const bucket = hash(key) % this.#pending.length;
    const text = encodeRow(row);
    this.#pending[bucket]!.push(text);
    this.#sizes[bucket]! += text.length;
    if (this.#sizes[bucket]! >= FLUSH_CHARACTERS) await this.#flush(bucket);
  }

  /** Hands out the buckets one after the other, each as the rows of its keys. Nothing can be added afterwards. */
  async *drain(): AsyncGenerator<Row[]> {
    for (let i = 0; i < this.#pending.length; i++) {
      await this.#flush(i);
      await this.#files[i]!.close();
    }
    this.#files = [];
    for (let i = 0; i < this.#pending.length; i++) {
      const lines = (await readFile(this.#path(i), 'utf8')).split('\n');
      lines.pop();
      yield lines.map(decodeRow);
    }
  }

  async remove(): Promise<void> {
    await Promise.all(this.#files.map((file) => file.close()));
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #flush(bucket: number): Promise<void> {
    const text = this.#pending[bucket]!.join('');
    this.#pending[bucket] = [];
    this.#sizes[bucket] = 0;
    if (text !== '') await this.#files[bucket]!.appendFile(text);
  }

  #path(bucket: number): string {
    return join(this.#folder, `bucket-${bucket}`);
  }
}

function hash(key: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) h = Math.imul(h ^ key.charCodeAt(i), 0x01000193);
  return (h ^ (h >>> 15)) >>> 0;
}
