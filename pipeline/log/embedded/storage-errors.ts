import { ClickproofError } from '../../contracts/errors.ts';

/** Primary result codes of SQLite (sqlite.org/rescode.html). */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** The primary result code of an error that SQLite reported, else undefined. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  return error.errcode & 0xff;
}

/** True when somebody else holds the lock: trying again can help. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === BUSY || code === LOCKED;
}

/** True when the disk, or the size that was allowed, is used up. */
export function isFull(error: unknown): boolean {
  return sqliteCode(error) === FULL;
}

/** What a user can make of an error of SQLite; every other error is passed through. */
export function explain(error: unknown, path: string): unknown {
  const elsewhere = 'move the data directory away, or choose another with --data-dir';
  switch (sqliteCode(error)) {
    case undefined:
      return error;
    case BUSY:
    case LOCKED:
      return busy(path, error);
    case FULL:
      return new ClickproofError(
        'LOG_FULL',
        `the event log ${path} cannot grow: no space is left; nothing was written`,
        {
          remedy: 'free disk space, shorten the retention or raise the size allowed, then start again',
          cause: error,
        },
      );
    case READONLY:
    case CANTOPEN:
      return new ClickproofError('LOG_UNWRITABLE', `the event log ${path} cannot be opened for writing`, {
        remedy:
          'check the owner and the permissions of the data directory, or choose another with --data-dir',
        cause: error,
      });
    case NOTADB:
      return new ClickproofError('LOG_FOREIGN', `${path} is not an event log`, {
        remedy: elsewhere,
        cause: error,
      });
    case CORRUPT:
      return new ClickproofError('LOG_CORRUPT', `the event log ${path} is damaged`, {
        remedy: `${elsewhere}; check the disk`,
        cause: error,
      });
    default:
      return new ClickproofError('LOG_FAILED', `the event log ${path} failed: ${(error as Error).message}`, {
        remedy: 'check the disk that holds the data directory',
        cause: error,
      });
  }
}

/** The write lock could not be had in time. */
export function busy(path: string, cause: unknown): ClickproofError {
  return new ClickproofError(
    'LOG_BUSY',
    `the event log ${path} is locked by another process for too long; nothing was written`,
    {
      remedy: 'end the process that holds it (a database tool, a backup, a stopped process) and try again',
      cause,
    },
  );
}

/** Runs work on the file and explains what it throws. */
export function explained<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explain(error, path);
  }
}
