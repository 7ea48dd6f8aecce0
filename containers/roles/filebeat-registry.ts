import { open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const NEWLINE = 10;
const CHUNK_BYTES = 65_536;

/**
 * Reads how far Filebeat has come from what it notes itself: the registry, in which the offset of a file moves on when Kafka has acknowledged
 * the lines below it. So it holds while Filebeat is down, too, and whatever it sends twice.
 *
 * The registry is a snapshot `<number>.json`, a list of `{_key, cursor: {offset}}`, and since then `log.json`: for each change a line
 * `{op, id}` and a line `{k, v}`. With the next snapshot the log is begun anew. A key ends in `::<inode>-<device>`.
 */
export class FilebeatRegistry {
  readonly #directory: string;
  readonly #offsets = new Map<string, number>();
  #snapshot: string | undefined;
  #looking: Promise<void> | undefined;
  /** Bytes of the log that have been taken. */
  #taken = 0;

  /** @param dataDirectory Filebeat's `path.data` on this machine */
  constructor(dataDirectory: string) {
    this.#directory = join(dataDirectory, 'registry', 'filebeat');
  }

  /** Bytes of whole lines, of the access log and its rotated files, that Kafka has not acknowledged yet. */
  async unshippedBytes(accessLog: string): Promise<number> {
    // One look at a time: two would take the same notes twice.
    this.#looking ??= this.#update().finally(() => {
      this.#looking = undefined;
    });
    await this.#looking;
    const folder = dirname(accessLog);
    let bytes = 0;
    for (const name of await readdir(folder)) {
      if (!name.startsWith(basename(accessLog))) continue;
      const path = join(folder, name);
      const { ino, dev, size } = await stat(path);
      const offset = this.#offsets.get(`${ino}-${dev}`) ?? 0;
      if (size > offset) bytes += Math.max(0, (await wholeLines(path, size)) - offset);
    }
    return bytes;
  }

  /** Takes what has been noted since it looked last. */
  async #update(): Promise<void> {
    const snapshot = await this.#newestSnapshot();
    const log = join(this.#directory, 'log.json');
    const size = await sizeOf(log);
    if (snapshot !== this.#snapshot || size < this.#taken) {
      this.#snapshot = snapshot;
      this.#taken = 0;
      this.#offsets.clear();
      for (const { _key, ...state } of await this.#read(snapshot)) this.#set(_key, state);
    }
    if (size > this.#taken) this.#apply(await readFrom(log, this.#taken, size));
  }

  #apply(text: Buffer): void {
    const lines = text.toString('utf8').split('\n').slice(0, -1);
    for (let i = 0; i + 1 < lines.length; i += 2) {
      const { op } = JSON.parse(lines[i]!) as { op: 'set' | 'remove' };
      const { k, v } = JSON.parse(lines[i + 1]!) as { k: string; v: State };
      this.#set(k, op === 'set' ? v : {});
      this.#taken += Buffer.byteLength(lines[i]!) + Buffer.byteLength(lines[i + 1]!) + 2;
    }
  }

  #set(key: string, { cursor }: State): void {
    const file = key.slice(key.lastIndexOf(':') + 1);
    this.#offsets.set(file, cursor?.offset ?? 0);
  }

  async #newestSnapshot(): Promise<string | undefined> {
    const names = await readdir(this.#directory).catch(() => []);
    const numbers = names.filter((name) => /^\d+\.json$/.test(name)).map((name) => Number.parseInt(name, 10));
    return numbers.length === 0 ? undefined : `${Math.max(...numbers)}.json`;
  }

  async #read(snapshot: string | undefined): Promise<({ _key: string } & State)[]> {
    if (snapshot === undefined) return [];
    return JSON.parse(await readFile(join(this.#directory, snapshot), 'utf8'));
  }
}

interface State {
  readonly cursor?: { readonly offset: number } | null;
}

/** Where the last whole line of a file ends. */
async function wholeLines(path: string, size: number): Promise<number> {
  await using file = await open(path);
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - CHUNK_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(end - start), 0, end - start, start);
    const last = buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (last >= 0) return start + last + 1;
    end = start;
  }
  return 0;
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

async function readFrom(path: string, start: number, end: number): Promise<Buffer> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(end - start), 0, end - start, start);
  return buffer.subarray(0, bytesRead);
}
