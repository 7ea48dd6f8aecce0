import { ClickproofError } from '../contracts/errors.ts';

const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined;
}

/** Another process holds the lock. */
export function isBusy(error: unknown): boolean {
  return sqliteCode(error) === SQLITE_BUSY;
}

/** SQLite's errors that a user can mend, said so. */
export function explained(error: unknown, path: string): unknown {
  const code = sqliteCode(error);
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB) {
    return new ClickproofError('PROFILE_STORE_CORRUPT', `${path} is no profile store, or damaged`, {
      remedy: 'move the file away: profiles are folded again from the event log',
      cause: error,
    });
  }
  if (code === SQLITE_FULL) {
    return new ClickproofError('DISK_FULL', `no room left to write ${path}`, {
      remedy: 'free some space; the stage goes on by itself',
      cause: error,
    });
  }
  if (code === SQLITE_CANTOPEN) {
    return new ClickproofError('PROFILE_STORE_UNREADABLE', `${path} cannot be opened`, {
      remedy: 'check that its directory exists and may be written',
      cause: error,
    });
  }
  return error;
}
