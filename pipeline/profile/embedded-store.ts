import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { ClickproofError } from '../contracts/errors.ts';
import { explained, isBusy } from './sqlite-errors.ts';
import type { PartitionChange, ProfileStore, StateDescription, StoredPartition } from './store.ts';

export interface EmbeddedProfileStoreOptions {
  /** The database file; made when missing. Several processes may have it open. */
  readonly path: string;
  /** The input topic: partitions of two topics do not meet. */
  readonly topic: string;
  /** How long to wait in all for other processes' writes, ms. */
  readonly busyMs?: number | undefined;
}

/**
 * Profiles in one SQLite file. Crash points: every call is one transaction, so a process killed in it leaves the state before or
 * after, never between. A power failure can lose the last transactions, whole and in order (WAL, `synchronous = NORMAL`): an
 * older mark, from which the log is folded again.
 */
export function openEmbeddedProfileStore(options: EmbeddedProfileStoreOptions): ProfileStore {
  try {
    return new EmbeddedProfileStore(options);
  } catch (error) {
    throw explained(error, options.path);
  }
}

const SCHEMA_VERSION = 1;

const SCHEMA = `
  CREATE TABLE partition (
    id INTEGER PRIMARY KEY,
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    mark INTEGER,
    description TEXT,
    progress TEXT,
    UNIQUE (topic, partition)
  );
  CREATE TABLE visitor (
    partition INTEGER NOT NULL,
    visitor BLOB NOT NULL,
    value BLOB NOT NULL,
    UNIQUE (partition, visitor)
  );
  CREATE TABLE segment (
    partition INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (partition, ends)
  );
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

interface PartitionRow {
  id: number;
  mark: number | null;
  description: string | null;
  progress: string | null;
}

class EmbeddedProfileStore implements ProfileStore {
  readonly kind = 'embedded';
  readonly #path: string;
  readonly #topic: string;
  readonly #busyMs: number;
  readonly #db: DatabaseSync;
  readonly #statements: Record<'partition' | 'value' | 'segments' | 'setMark' | 'setValue', StatementSync> &
    Record<'addSegment' | 'dropSegments' | 'clearVisitors' | 'clearSegments' | 'addPartition', StatementSync>;

  constructor({ path, topic, busyMs = 10_000 }: EmbeddedProfileStoreOptions) {
    this.#path = path;
    this.#topic = topic;
    this.#busyMs = busyMs;
    this.#db = new DatabaseSync(path, { timeout: BLOCKING_WAIT_MS });
    try {
      this.#insist(() => this.#prepareFile());
      this.#statements = this.#prepare();
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  async claim(partition: number): Promise<StoredPartition> {
    return this.#step('DEFERRED', () => {
      const row = this.#row(partition);
      const segments = row ? (this.#statements.segments.all(row.id) as { bytes: Uint8Array }[]) : [];
      return {
        mark: row?.mark ?? null,
        description: row?.description ? (JSON.parse(row.description) as StateDescription) : null,
        progress: row?.progress ? JSON.parse(row.progress) : null,
        segments: segments.map(({ bytes }) => asBuffer(bytes)),
      };
    });
  }

  async describe(partition: number): Promise<StateDescription | null> {
    return this.#step('DEFERRED', () => {
      const description = this.#row(partition)?.description;
      return description ? (JSON.parse(description) as StateDescription) : null;
    });
  }

  async read(partition: number, mark: number | null, visitors: readonly Buffer[]) {
    return this.#step('DEFERRED', () => {
      const row = this.#row(partition);
      if ((row?.mark ?? null) !== mark) return 'moved' as const;
      return visitors.map((visitor) => {
        const found =
          row && (this.#statements.value.get(row.id, visitor) as { value: Uint8Array } | undefined);
        return found ? asBuffer(found.value) : null;
      });
    });
  }

  async apply(partition: number, change: PartitionChange) {
    const description = JSON.stringify(change.description);
    return this.#step('IMMEDIATE', () => {
      const row = this.#row(partition);
      if (row?.description != null && row.description !== description) return 'refused' as const;
      const mark = row?.mark ?? null;
      if (mark === change.to) return 'already' as const;
      if (mark !== change.from) return 'refused' as const;

      const id = row?.id ?? Number(this.#statements.addPartition.run(this.#topic, partition).lastInsertRowid);
      const { setMark, setValue, addSegment, dropSegments } = this.#statements;
      setMark.run(change.to, description, JSON.stringify(change.progress), id);
      for (const { visitor, value } of change.values) setValue.run(id, visitor, value);
      if (change.segment) addSegment.run(id, change.to, change.segment);
      dropSegments.run(id, change.dropBefore);
      return 'applied' as const;
    });
  }

  async clear(partition: number): Promise<void> {
    await this.#step('IMMEDIATE', () => {
      const row = this.#row(partition);
      if (!row) return;
      this.#statements.clearVisitors.run(row.id);
      this.#statements.clearSegments.run(row.id);
      this.#statements.setMark.run(null, null, null, row.id);
    });
  }

  async close(): Promise<void> {
    if (this.#db.isOpen) this.#db.close();
  }

  #row(partition: number): PartitionRow | undefined {
    return this.#statements.partition.get(this.#topic, partition) as PartitionRow | undefined;
  }

  /** One transaction; while others write, it waits for its turn without blocking the event loop. */
  async #step<T>(kind: 'DEFERRED' | 'IMMEDIATE', work: () => T): Promise<T> {
    const deadline = performance.now() + this.#busyMs;
    for (;;) {
      try {
        return this.#inTransaction(kind, work);
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline) throw explained(error, this.#path);
        await delay(shortWhile());
      }
    }
  }

  /** Opening waits where it stands: several processes may start at once, and nothing else runs yet. */
  #insist(work: () => void): void {
    const deadline = performance.now() + this.#busyMs;
    for (;;) {
      try {
        work();
        return;
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, shortWhile());
      }
    }
  }

  #prepareFile(): void {
    const { journal_mode: mode } = this.#db.prepare('PRAGMA journal_mode').get() as { journal_mode: string };
    if (mode !== 'wal') this.#db.exec('PRAGMA journal_mode = WAL');
    this.#db.exec(
      'PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 67108864',
    );
    this.#inTransaction('IMMEDIATE', () => this.#migrate());
  }

  #inTransaction<T>(kind: 'DEFERRED' | 'IMMEDIATE', work: () => T): T {
    this.#db.exec(`BEGIN ${kind}`);
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  #migrate(): void {
    const { user_version: version } = this.#db.prepare('PRAGMA user_version').get() as {
      user_version: number;
    };
    if (version === 0) this.#db.exec(SCHEMA);
    else if (version !== SCHEMA_VERSION) {
      throw new ClickproofError(
        'PROFILE_STORE_VERSION',
        `${this.#path} was written by another version (${version})`,
        {
          remedy: 'delete the file: profiles are folded again from the event log',
        },
      );
    }
  }

  #prepare() {
    const sql = (text: string) => this.#db.prepare(text);
    return {
      partition: sql(
        'SELECT id, mark, description, progress FROM partition WHERE topic = ? AND partition = ?',
      ),
      addPartition: sql('INSERT INTO partition (topic, partition) VALUES (?, ?)'),
      setMark: sql('UPDATE partition SET mark = ?, description = ?, progress = ? WHERE id = ?'),
      value: sql('SELECT value FROM visitor WHERE partition = ? AND visitor = ?'),
      setValue: sql(
        `INSERT INTO visitor (partition, visitor, value) VALUES (?, ?, ?)
         ON CONFLICT (partition, visitor) DO UPDATE SET value = excluded.value`,
      ),
      segments: sql('SELECT bytes FROM segment WHERE partition = ? ORDER BY ends'),
      addSegment: sql('INSERT INTO segment (partition, ends, bytes) VALUES (?, ?, ?)'),
      dropSegments: sql('DELETE FROM segment WHERE partition = ? AND ends <= ?'),
      clearVisitors: sql('DELETE FROM visitor WHERE partition = ?'),
      clearSegments: sql('DELETE FROM segment WHERE partition = ?'),
    };
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A statement that finds the file locked blocks the event loop for so long at most. */
const BLOCKING_WAIT_MS = 4;

function shortWhile(): number {
  return 2 + Math.random() * 15;
}
