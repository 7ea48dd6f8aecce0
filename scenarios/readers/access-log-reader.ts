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

/** So begins the name of what a fault has kept of the log before it truncated it. No shipper looks there. */
export const KEPT = 'kept-';

/** Bytes of each file that are not read, by what the file system calls it: rotation gives it another name. */
export type StartPositions = ReadonlyMap<string, number>;

interface ReadOptions {
  readonly from?: StartPositions;
  readonly mostLineBytes?: number;
}

/**
 * Reads the live file and the rotated ones beside it, the oldest first. Empty lines and an unterminated end are left out.
 *
 * @throws ClickproofError HOP_UNREADABLE
 */
export async function* accessLogLines(
  liveFile: string,
  { from = new Map(), mostLineBytes = MOST_LINE_BYTES }: ReadOptions = {},
): AsyncGenerator<SeenLine> {
  try {
    for (const { path, id } of await logFiles(liveFile)) {
      yield* linesOf(path, from.get(id) ?? 0, mostLineBytes);
    }
  } catch (error) {
    throw readable(error);
  }
}

/** Where the log ends now, to read on from there later. @throws ClickproofError HOP_UNREADABLE */
export async function accessLogEnd(liveFile: string): Promise<StartPositions> {
  try {
    return new Map((await logFiles(liveFile)).map(({ id, size }) => [id, size]));
  } catch (error) {
    throw readable(error);
  }
}

function readable(error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error;
  return new ClickproofError('HOP_UNREADABLE', `the access log cannot be read: ${error.message}`, {
    cause: error,
  });
}

interface LogFile {
  readonly path: string;
  readonly id: string;
  readonly size: number;
  readonly written: number;
}

async function logFiles(liveFile: string): Promise<LogFile[]> {
  const folder = dirname(liveFile);
  const names = (await readdir(folder)).filter(
    (name) =>
      (name.startsWith(basename(liveFile)) || (name.startsWith(KEPT) && name.endsWith(basename(liveFile)))) &&
      !name.endsWith('.gz'),
  );
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const { dev, ino, size, mtimeMs } = await stat(path);
      return { path, id: `${dev}:${ino}`, size, written: mtimeMs };
    }),
  );
  files.sort((a, b) => Number(a.path === liveFile) - Number(b.path === liveFile) || a.written - b.written);
  return files;
}

const NEWLINE = 10;
const RETURN = 13;

async function* linesOf(path: string, begin: number, mostLineBytes: number): AsyncGenerator<SeenLine> {
  /** What there is of a line whose end has not come yet. */
  let parts: Buffer[] = [];
  let kept = 0;
  let start = begin;
  let position = begin;
  const keep = (part: Buffer) => {
    const room = part.subarray(0, Math.max(0, mostLineBytes - kept));
    parts.push(room);
    kept += room.length;
  };
  for await (const chunk of createReadStream(path, { start: begin, highWaterMark: 1 << 20 })) {
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
