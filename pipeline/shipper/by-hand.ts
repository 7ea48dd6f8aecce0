import { accessSync, constants, statSync } from 'node:fs';
import { ClickproofError } from '../contracts/errors.ts';
import type { FoundFile, Listing } from './directory.ts';
import type { FilePosition } from './state.ts';

/** How many files given by hand are remembered. */
const REMEMBERED = 1_000;

/** @throws ClickproofError FILE_UNREADABLE the file given by hand is not there, no file, or not to be read */
export function checkFile(path: string): void {
  try {
    accessSync(path, constants.R_OK);
    if (!statSync(path).isFile()) throw new Error('it is not a regular file');
  } catch (cause) {
    throw new ClickproofError('FILE_UNREADABLE', `cannot read ${path}: ${(cause as Error).message}`, {
      remedy: 'give --from a file that exists and may be read',
      cause,
    });
  }
}

/** The one file given by hand, as a directory listing. */
export function listOne(path: string): Listing {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return { files: [], compressed: [] };
  const file: FoundFile = {
    path,
    key: `${stats.dev}:${stats.ino}`,
    device: String(stats.dev),
    inode: String(stats.ino),
    size: Number(stats.size),
    version: `${stats.birthtimeNs}:${stats.mtimeNs}`,
    live: false,
  };
  return { files: [file], compressed: [] };
}

/** Splits recorded positions into the given file's and the others', which stay as they are. */
export function positionsFor(
  path: string,
  recorded: readonly FilePosition[],
): { own: FilePosition | undefined; others: FilePosition[] } {
  const stats = statSync(path, { bigint: true });
  const isOwn = (position: FilePosition) =>
    position.device === String(stats.dev) && position.inode === String(stats.ino);
  return {
    own: recorded.findLast(isOwn),
    others: recorded.filter((position) => !isOwn(position)).slice(-(REMEMBERED - 1)),
  };
}
