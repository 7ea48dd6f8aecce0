import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { ClickproofError } from '../../contracts/errors.ts';
import { busy, explain, isBusy, isFull, sqliteCode } from './storage-errors.ts';

/** Jobs that wait together are committed together, up to this many bytes. */
const MAX_GROUP_BYTES = 16 << 20;
const LONGEST_PAUSE_MS = 16;

interface Job {
  readonly work: () => unknown;
  readonly bytes: number;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * All writes of one process. Each job is atomic; jobs that are waiting share one SQLite transaction (group commit), each in its own
 * savepoint. A job runs without interruption, under the one write lock of all processes.
 *
 * The lock is waited for without blocking the event loop for more than a few ms, with jitter, up to a limit (LOG_BUSY).
 */
export class WriteQueue {
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #fsync: boolean;
  readonly #busyTimeoutMs: number;
  readonly #committed: (bytes: number) => void;
  readonly #begin: StatementSync;
  readonly #savepoint: StatementSync;
  readonly #release: StatementSync;
  readonly #undo: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  #jobs: Job[] = [];
  #draining: Promise<void> | undefined;
  #closed = false;

  /** `committed` is told after every commit how many bytes of records it wrote. */
  constructor(
    db: DatabaseSync,
    options: { path: string; fsync: boolean; busyTimeoutMs: number; committed: (bytes: number) => void },
  ) {
    this.#db = db;
    this.#path = options.path;
    this.#fsync = options.fsync;
    this.#busyTimeoutMs = options.busyTimeoutMs;
    this.#committed = options.committed;
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#savepoint = db.prepare('SAVEPOINT job');
    this.#release = db.prepare('RELEASE job');
    this.#undo = db.prepare('ROLLBACK TO job');
    this.#commit = db.prepare('COMMIT');
    this.#rollback = db.prepare('ROLLBACK');
  }

  /**
   * Runs a synchronous job in a write transaction; resolves when it is committed.
   * What the job throws is thrown on, and nothing of the job is written.
   *
   * @throws ClickproofError LOG_BUSY, LOG_FULL, LOG_FAILED: nothing was written. OUTCOME_UNKNOWN: nobody can say.
   */
  run<T>(work: () => T, bytes = 0): Promise<T> {
    if (this.#closed) return Promise.reject(closedError(this.#path));
    return new Promise<T>((resolve, reject) => {
      this.#jobs.push({ work, bytes, resolve: resolve as Job['resolve'], reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Waits for the jobs under way; later ones are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
  }

  async #drain(): Promise<void> {
    // Lets others of this turn of the event loop join the group.
    await new Promise(setImmediate);
    while (this.#jobs.length > 0) {
      const group = this.#takeGroup();
      const failure = await this.#lock();
      if (failure === undefined) this.#runGroup(group);
      else for (const job of group) job.reject(failure);
      if (this.#jobs.length > 0) await new Promise(setImmediate);
    }
    this.#draining = undefined;
  }

  #takeGroup(): Job[] {
    let bytes = 0;
    let count = 0;
    while (
      count < this.#jobs.length &&
      (count === 0 || bytes + this.#jobs[count]!.bytes <= MAX_GROUP_BYTES)
    ) {
      bytes += this.#jobs[count]!.bytes;
      count++;
    }
    return this.#jobs.splice(0, count);
  }

  /** Takes the write lock; the error when it cannot be had. */
  async #lock(): Promise<unknown> {
    const deadline = performance.now() + this.#busyTimeoutMs;
    for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        this.#begin.run();
        return undefined;
      } catch (error) {
        if (!isBusy(error)) return explain(error, this.#path);
        if (performance.now() > deadline) return busy(this.#path, error);
        await delay(Math.ceil(pause * (0.5 + Math.random())));
      }
    }
  }

  /** Runs jobs under the lock. No await in here: the transaction must not outlive this call. */
  #runGroup(group: readonly Job[]): void {
    const outcomes: (() => void)[] = [];
    try {
      for (const job of group) outcomes.push(this.#runJob(job));
    } catch (error) {
      this.#abandon(group, explain(error, this.#path));
      return;
    }
    try {
      this.#commit.run();
    } catch (error) {
      this.#abandon(group, this.#commitError(error));
      return;
    }
    for (const outcome of outcomes) outcome();
    let bytes = 0;
    for (const job of group) bytes += job.bytes;
    this.#committed(bytes);
  }

  #runJob(job: Job): () => void {
    this.#savepoint.run();
    try {
      const value = job.work() as never;
      this.#release.run();
      return () => job.resolve(value);
    } catch (error) {
      // An error of the storage can have undone the whole transaction: nobody's job is done then.
      if (sqliteCode(error) !== undefined) throw error;
      this.#undo.run();
      this.#release.run();
      return () => job.reject(error);
    }
  }

  #abandon(group: readonly Job[], error: unknown): void {
    try {
      if (this.#db.isTransaction) this.#rollback.run();
    } catch {
      // The error that led here says more; SQLite undoes the transaction at the latest when the file is opened again.
    }
    for (const job of group) job.reject(error);
  }

  /**
   * A commit is one last frame in the write-ahead log. When the space ends before it, the transaction is not there. Flushing
   * comes after it: when that fails, the commit is not seen, but could come back if all processes died at once. The next commit
   * of anybody overwrites it, so that a claim settles the question.
   */
  #commitError(error: unknown): unknown {
    if (isBusy(error) || (isFull(error) && !this.#fsync)) return explain(error, this.#path);
    const cause = explain(error, this.#path);
    const remedy = cause instanceof ClickproofError ? cause.remedy : undefined;
    return new ClickproofError(
      'OUTCOME_UNKNOWN',
      `the commit to the event log ${this.#path} failed half-way`,
      {
        ...(remedy === undefined ? {} : { remedy }),
        cause: error,
      },
    );
  }
}

/** The log was closed by its own process. */
export function closedError(path: string): ClickproofError {
  return new ClickproofError('LOG_CLOSED', `the event log ${path} is closed`);
}
