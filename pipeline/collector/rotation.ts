import { basename, dirname, join } from 'node:path';
import type { LogFiles } from './log-file.ts';

/** `tracking.log.20261123T175442.123Z-001`: found by `tracking.log*`, sorted by time. */
const SUFFIX = /^\.\d{8}T\d{6}\.\d{3}Z-\d{3}$/;

/** A free name for the log that is rotated now, behind all earlier ones in the order of names. */
export async function rotatedLogName(files: LogFiles, path: string, now: number): Promise<string> {
  const prefix = `${basename(path)}.${new Date(now).toISOString().replace(/[-:]/g, '')}-`;
  const numbers = (await files.siblings(path))
    .filter((sibling) => sibling.startsWith(prefix))
    .map((sibling) => Number(sibling.slice(prefix.length)) || 0);
  const number = Math.max(0, ...numbers) + 1;
  return join(dirname(path), `${prefix}${String(number).padStart(3, '0')}`);
}

/** Removes the oldest rotated logs so that so many are left; 0 removes none. */
export async function removeOldLogs(files: LogFiles, path: string, keep: number): Promise<void> {
  if (keep === 0) return;
  const name = basename(path);
  const rotated = (await files.siblings(path))
    .filter((sibling) => sibling.startsWith(name) && SUFFIX.test(sibling.slice(name.length)))
    .sort();
  for (const old of rotated.slice(0, -keep)) await files.remove(join(dirname(path), old));
}
