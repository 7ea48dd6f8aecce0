import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { toValidUtf8 } from './valid-utf8.ts';

/** One line of the access log, whole; `text` is what the shipper should hand on. */
export interface SeenLine {
  readonly path: string;
  /** Byte offset of the line's start. */
  readonly offset: number;
  readonly text: string;
}

/** Reads the live file and the rotated ones beside it, the oldest first. Empty lines and an unterminated end are left out. */
export async function* accessLogLines(liveFile: string): AsyncGenerator<SeenLine> {
  const folder = dirname(liveFile);
  const names = (await readdir(folder)).filter(
    (name) => name.startsWith(basename(liveFile)) && !name.endsWith('.gz'),
  );
  const files = await Promise.all(
    names.map(async (name) => ({
      path: join(folder, name),
      written: (await stat(join(folder, name))).mtimeMs,
    })),
  );
  files.sort((a, b) => Number(a.path === liveFile) - Number(b.path === liveFile) || a.written - b.written);
  for (const { path } of files) yield* linesOf(path);
}

async function* linesOf(path: string): AsyncGenerator<SeenLine> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const data = rest.length > 0 ? Buffer.concat([rest, chunk as Buffer]) : (chunk as Buffer);
    let from = 0;
    for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, from)) {
      const last = end > from && data[end - 1] === 13 ? end - 1 : end;
      if (last > from) yield { path, offset: offset + from, text: toValidUtf8(data.subarray(from, last)) };
      from = end + 1;
    }
    rest = data.subarray(from);
    offset += from;
  }
}
