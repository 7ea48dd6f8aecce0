import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { toValidUtf8 } from './valid-utf8.ts';

/** One line of the access log, whole; `text` is what the shipper should hand on. */
export interface SeenLine {
  readonly path: string;
  /** Byte offset of the line's start. */
  readonly offset: number;
  readonly text: string;
}

/** Far beyond what a request within any limits can become; of a longer line only so much is read. */
const MOST_LINE_BYTES = 64 * 1024 * 1024;

/**
 * Reads the live file and the rotated ones beside it, the oldest first. Empty lines and an unterminated end are left out.
 *
 * @throws ClickproofError HOP_UNREADABLE
 */
export async function* accessLogLines(
  liveFile: string,
  mostLineBytes = MOST_LINE_BYTES,
): AsyncGenerator<SeenLine> {
  try {
    for (const path of await logFiles(liveFile)) yield* linesOf(path, mostLineBytes);
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    throw new ClickproofError('HOP_UNREADABLE', `the access log cannot be read: ${cause.message}`, { cause });
  }
}

async function logFiles(liveFile: string): Promise<string[]> {
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
  return files.map(({ path }) => path);
}

const NEWLINE = 10;
const RETURN = 13;

async function* linesOf(path: string, mostLineBytes: number): AsyncGenerator<SeenLine> {
  /** What there is of a line whose end has not come yet. */
  let parts: Buffer[] = [];
  let kept = 0;
  let start = 0;
  let position = 0;
  const keep = (part: Buffer) => {
    const room = part.subarray(0, Math.max(0, mostLineBytes - kept));
    parts.push(room);
    kept += room.length;
  };
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const data = chunk as Buffer;
    let from = 0;
    for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, from)) {
      keep(data.subarray(from, end));
      const line = withoutReturn(parts.length === 1 ? parts[0]! : Buffer.concat(parts));
      if (line.length > 0) yield { path, offset: start, text: toValidUtf8(line) };
      parts = [];
      kept = 0;
      from = end + 1;
      start = position + from;
    }
    if (from < data.length) keep(data.subarray(from));
    position += data.length;
  }
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === RETURN ? line.subarray(0, -1) : line;
}
