import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ClickproofError } from '../../contracts/errors.ts';
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from './schema.ts';
import { busy, explained, isBusy } from './storage-errors.ts';

/** How long a statement may block the event loop on a lock; beyond it the write queue waits without blocking. */
const BLOCKING_WAIT_MS = 4;
const PAGE_BYTES = 8_192;
/** Pages in the write-ahead log after which a committing process moves them into the file: 16 MiB. */
const CHECKPOINT_PAGES = 2_048;
/** The write-ahead log's size between bursts. */
export const WAL_LIMIT_BYTES = 64 << 20;

export interface DatabaseOptions {
  readonly path: string;
  /** Flush to disk at every commit. */
  readonly fsync: boolean;
  /** Largest size of the file. */
  readonly maxBytes: number | undefined;
  /** How long to wait for a lock in all. */
  readonly busyTimeoutMs: number;
}

/**
 * Opens the event log's file for writing, makes its tables if it is new, and refuses what is not an event log.
 *
 * @throws ClickproofError LOG_FOREIGN, LOG_VERSION, LOG_CORRUPT, LOG_UNWRITABLE, LOG_BUSY, LOG_UNSUPPORTED
 */
export function openWriter(options: DatabaseOptions): DatabaseSync {
  const { path } = options;
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw new ClickproofError('LOG_UNWRITABLE', `the data directory ${dirname(path)} cannot be made`, {
      remedy: 'choose another with --data-dir',
      cause: error,
    });
  }
  return explained(path, () => {
    const db = new DatabaseSync(path, { timeout: BLOCKING_WAIT_MS });
    try {
      insist(options, () => prepareFile(db, path));
      db.exec(`PRAGMA synchronous = ${options.fsync ? 'FULL' : 'NORMAL'}`);
      db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
      db.exec(`PRAGMA journal_size_limit = ${WAL_LIMIT_BYTES}`);
      if (options.maxBytes !== undefined) {
        db.exec(`PRAGMA max_page_count = ${Math.max(64, Math.floor(options.maxBytes / PAGE_BYTES))}`);
      }
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** Opens the file, which exists, for reading. Readers never wait for writers, nor writers for them. */
export function openReader(path: string): DatabaseSync {
  return explained(path, () => {
    const db = new DatabaseSync(path, { readOnly: true, timeout: 2_000 });
    // Notices more kinds of damage, at no cost that could be measured.
    db.exec('PRAGMA cell_size_check = ON');
    return db;
  });
}

function prepareFile(db: DatabaseSync, path: string): void {
  // Both are settled by the first page that is written, so they come before everything else.
  db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL`);
  const tables = pragma(db, 'SELECT count(*) FROM sqlite_schema');
  if (tables === 0) {
    const mode = pragma(db, 'PRAGMA journal_mode = WAL');
    if (mode !== 'wal') {
      throw new ClickproofError(
        'LOG_UNSUPPORTED',
        `the file system of ${path} cannot share a file between processes`,
        {
          remedy: 'choose a data directory on a local disk with --data-dir',
        },
      );
    }
    db.exec('BEGIN IMMEDIATE');
    try {
      // Another process may have been first.
      if (pragma(db, 'SELECT count(*) FROM sqlite_schema') === 0) {
        db.exec(SCHEMA);
        db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
      }
      db.exec('COMMIT');
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }
  if (pragma(db, 'PRAGMA application_id') !== APPLICATION_ID) {
    throw new ClickproofError('LOG_FOREIGN', `${path} is a database of another program`, {
      remedy: 'move it away, or choose another data directory with --data-dir',
    });
  }
  const version = pragma(db, 'PRAGMA user_version');
  if (version !== SCHEMA_VERSION) {
    throw new ClickproofError(
      'LOG_VERSION',
      `the event log ${path} has format ${version}, this version of clickproof reads and writes format ${SCHEMA_VERSION}`,
      { remedy: 'use the version that made it, or choose another data directory with --data-dir' },
    );
  }
}

function pragma(db: DatabaseSync, sql: string): unknown {
  const row = db.prepare(sql).get();
  return row === undefined ? undefined : Object.values(row)[0];
}

/** Several processes may start at once, and the change to WAL needs the file alone; nothing else runs yet. */
function insist(options: DatabaseOptions, work: () => void): void {
  const deadline = Date.now() + options.busyTimeoutMs;
  for (;;) {
    try {
      work();
      return;
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (Date.now() > deadline) throw busy(options.path, error);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5 + Math.random() * 20);
    }
  }
}
