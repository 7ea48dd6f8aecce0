import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

interface Counted {
  lines: number;
  bytes: number;
}

const READ_BYTES = 1 << 20;
const NEWLINE = 10;

/** Counts the lines of an access log and its rotated files, reading only what has come since it looked last. */
export class LineCount {
  readonly #accessLog: string;
  readonly #files = new Map<string, Counted>();
  readonly #buffer = Buffer.allocUnsafe(READ_BYTES);
  #look: Promise<Counted> | undefined;

  constructor(accessLog: string) {
    this.#accessLog = accessLog;
  }

  /** Whole lines so far, and their bytes. */
  async total(): Promise<Counted> {
    this.#look ??= this.#count().finally(() => {
      this.#look = undefined;
    });
    return this.#look;
  }

  async #count(): Promise<Counted> {
    const folder = dirname(this.#accessLog);
    for (const name of await readdir(folder)) {
      if (name.startsWith(basename(this.#accessLog))) await this.#take(join(folder, name));
    }
    const total = { lines: 0, bytes: 0 };
    for (const { lines, bytes } of this.#files.values()) {
      total.lines += lines;
      total.bytes += bytes;
    }
    return total;
  }

  async #take(path: string): Promise<void> {
    const { dev, ino, size } = await stat(path);
    const key = `${dev}:${ino}`;
    const counted = this.#files.get(key) ?? { lines: 0, bytes: 0 };
    this.#files.set(key, counted);
    if (size <= counted.bytes) return;
    await using file = await open(path);
    for (let at = counted.bytes; ; ) {
      const { bytesRead } = await file.read(this.#buffer, 0, READ_BYTES, at);
      if (bytesRead === 0) return;
      for (let i = this.#buffer.indexOf(NEWLINE); i >= 0 && i < bytesRead; ) {
        counted.lines += 1;
        counted.bytes = at + i + 1;
        i = this.#buffer.indexOf(NEWLINE, i + 1);
      }
      at += bytesRead;
    }
  }
}
