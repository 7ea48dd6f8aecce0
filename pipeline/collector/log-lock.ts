import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ClickproofError } from '../contracts/errors.ts';
import type { Diagnostics } from '../contracts/running.ts';

/** SQLite's primary result code where another one holds the lock. */
const BUSY = 5;

/**
 * Holds an access log for this process: two collectors would cut off each other's torn lines and rotate each other's files.
 *
 * The lock is SQLite's, on an empty file beside the log (which itself is renamed by every rotation). It is the kernel's: it ends with the
 * process, however that dies, and holds between containers that share the folder. Where there can be none (the folder is not
 * writable, or its file system knows no locks) the collector goes on without, and says so.
 *
 * @throws ClickproofError LOG_IN_USE
 */
export function lockLog(path: string, diagnostics: Diagnostics): Disposable {
  // What is no file (/dev/stdout) is nobody's own.
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) return { [Symbol.dispose]() {} };
  const file = join(realpathSync(dirname(path)), `.${basename(path)}.lock`);
  let held: DatabaseSync | undefined;
  try {
    held = new DatabaseSync(file);
    held.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    held?.close();
    held = undefined;
    if (isBusy(cause)) {
      throw new ClickproofError('LOG_IN_USE', `another collector writes the access log ${path}`, {
        remedy: `stop that one ("fuser ${file}" names its process), or give this one a log of its own with --access-log`,
        cause,
      });
    }
    diagnostics.warn(`nothing keeps a second collector from writing ${path}: it cannot be locked`, {
      error: cause,
    });
  }
  return { [Symbol.dispose]: () => held?.close() };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === BUSY;
}
