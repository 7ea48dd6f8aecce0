import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hasCode } from '../contracts/errors.ts';

/** A file of the access log as the directory shows it. */
export interface FoundFile {
  readonly path: string;
  /** Device and inode: the same file under any name, for as long as it exists. */
  readonly key: string;
  readonly device: string;
  readonly inode: string;
  readonly size: number;
  /** Changes when the content does, or when the inode is used for another file. */
  readonly version: string;
  /** True for the file that is being written now. */
  readonly live: boolean;
}

export interface Listing {
  /** Oldest first, the live one last. */
  readonly files: readonly FoundFile[];
  /** Names that belong to the log but cannot be read as lines. */
  readonly compressed: readonly string[];
  /** There is no directory: a volume that is not mounted says nothing of its files. */
  readonly absent?: true;
}

interface Candidate extends FoundFile {
  readonly born: bigint;
  readonly modified: bigint;
}

const COMPRESSED = /\.(?:gz|bz2|xz|zst|lz4|zip)$/;
/** How often a directory that changes while it is read is read again. */
const ATTEMPTS = 3;

/** The access log and its rotated files. A directory that is not there yet has none. */
export function listLogFiles(logFile: string): Listing {
  let listing = listOnce(logFile);
  for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
    const again = listOnce(logFile);
    if (sameNames(listing, again)) return again;
    listing = again;
  }
  return listing;
}

/** Device and inode of a path; null when nothing is there. */
export function fileKey(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? null : `${stats.dev}:${stats.ino}`;
}

function listOnce(logFile: string): Listing {
  const directory = dirname(logFile);
  const base = basename(logFile);
  const found = new Map<string, Candidate>();
  const compressed: string[] = [];
  const names = namesIn(directory);
  if (names === null) return { files: [], compressed, absent: true };
  for (const name of names) {
    if (!name.startsWith(base)) continue;
    if (COMPRESSED.test(name)) {
      compressed.push(name);
      continue;
    }
    const path = join(directory, name);
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (!stats?.isFile()) continue;
    const key = `${stats.dev}:${stats.ino}`;
    const live = name === base;
    // Links give one file several names; it is shipped once, as the live one if it is that.
    if (found.has(key) && !live) continue;
    found.set(key, {
      path,
      key,
      device: String(stats.dev),
      inode: String(stats.ino),
      size: Number(stats.size),
      version: `${stats.birthtimeNs}:${stats.mtimeNs}`,
      live,
      born: stats.birthtimeNs,
      modified: stats.mtimeNs,
    });
  }
  return { files: [...found.values()].sort(oldestFirst), compressed };
}

function namesIn(directory: string): string[] | null {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function sameNames(one: Listing, other: Listing): boolean {
  if (one.absent !== other.absent || one.files.length !== other.files.length) return false;
  return one.files.every((file, i) => file.path === other.files[i]!.path && file.key === other.files[i]!.key);
}

/**
 * A log file is made when the one before it is put aside, so the time of birth tells their order, whatever the names;
 * the time of the last change where the file system knows no birth, the name where the clock is too coarse.
 */
function oldestFirst(a: Candidate, b: Candidate): number {
  if (a.live !== b.live) return a.live ? 1 : -1;
  if (a.born !== b.born) return a.born < b.born ? -1 : 1;
  if (a.modified !== b.modified) return a.modified < b.modified ? -1 : 1;
  return byName(a.path, b.path);
}

/** `log.2` is older than `log.1`; of names that carry a time the smaller is older. */
function byName(a: string, b: string): number {
  const numbers = [a, b].map((path) => /\.(\d{1,5})$/.exec(path)?.[1]);
  if (numbers[0] !== undefined && numbers[1] !== undefined) return Number(numbers[1]) - Number(numbers[0]);
  return a < b ? -1 : 1;
}
