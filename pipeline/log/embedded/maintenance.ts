import { statSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Diagnostics } from '../../contracts/running.ts';
import type { Catalogue } from './catalogue.ts';
import { Compaction } from './compaction.ts';
import { WAL_LIMIT_BYTES } from './database.ts';
import { monotonicMs } from './monotonic.ts';
import { Retention } from './retention.ts';
import type { WriteQueue } from './write-queue.ts';

/** Space is given back when a quarter of the file, and this many pages, are free; less than that is used again soon. */
const LEAST_FREE_PAGES = 4_096;
const FREE_SHARE = 0.25;
const PAGES_A_STEP = 512;
const STEPS_A_SWEEP = 32;
/** How often the write-ahead log's size is looked at: every so many bytes written by this process. */
const LOOK_EVERY_BYTES = 8 << 20;
/** What a commit writes to the write-ahead log besides its records: the pages of the tables that it touches. */
const COMMIT_OVERHEAD_BYTES = 48 << 10;

export interface MaintenanceOptions {
  readonly reader: DatabaseSync;
  readonly writer: DatabaseSync;
  readonly queue: WriteQueue;
  readonly catalogue: Catalogue;
  readonly path: string;
  readonly intervalMs: number;
  readonly diagnostics: Diagnostics;
}

/**
 * Retention, compaction and space. Every process that writes offers to do it; one of them does, each time, whoever takes the task
 * first.
 */
export class Maintenance {
  readonly #options: MaintenanceOptions;
  readonly #retention: Retention;
  readonly #compaction: Compaction;
  readonly #lastTaken: StatementSync;
  readonly #take: StatementSync;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;
  #written = 0;

  constructor(options: MaintenanceOptions) {
    const { reader, writer, queue } = options;
    this.#options = options;
    this.#retention = new Retention(reader, writer, queue);
    this.#compaction = new Compaction(reader, writer, queue);
    this.#lastTaken = reader.prepare("SELECT taken_at FROM tasks WHERE name = 'sweep'");
    this.#take = writer.prepare(
      `INSERT INTO tasks (name, taken_at) VALUES ('sweep', ?1)
       ON CONFLICT (name) DO UPDATE SET taken_at = ?1 WHERE taken_at NOT BETWEEN ?1 - ?2 + 1 AND ?1`,
    );
  }

  /** Begins to offer; does not keep the process alive. */
  start(): void {
    if (this.#stopped) return;
    this.#timer ??= setInterval(() => this.#tick(), this.#options.intervalMs).unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  /**
   * Told of every commit. SQLite moves the write-ahead log into the file after commits, but can begin it anew only when all of it was
   * moved and nobody reads it; with many writers that moment may never come by itself. Then it is made: writers wait for it.
   */
  committed(bytes: number): void {
    this.#written += bytes + COMMIT_OVERHEAD_BYTES;
    if (this.#written < LOOK_EVERY_BYTES) return;
    try {
      if (statSync(`${this.#options.path}-wal`).size > WAL_LIMIT_BYTES && !this.#restartWal()) return;
    } catch {
      // Some process reads or writes just now: the next commit tries again.
      return;
    }
    this.#written = 0;
  }

  /** False when others were in the way. */
  #restartWal(): boolean {
    return this.#options.writer.prepare('PRAGMA wal_checkpoint(RESTART)').get()!.busy === 0;
  }

  #tick(): void {
    this.#running ??= this.#sweep()
      .catch((error: unknown) => {
        this.#options.diagnostics.warn('the event log could not be tidied up; it will be tried again', {
          error,
        });
      })
      .finally(() => {
        this.#running = undefined;
      });
  }

  async #sweep(): Promise<void> {
    if (!(await this.#takeTask())) return;
    const now = Date.now();
    for (const topic of this.#options.catalogue.all()) {
      if (this.#stopped) return;
      await this.#retention.sweep(topic, now);
      await this.#compaction.sweep(topic, now);
    }
    await this.#giveBack();
  }

  async #takeTask(): Promise<boolean> {
    const now = monotonicMs();
    const { queue, intervalMs } = this.#options;
    const last = this.#lastTaken.get()?.taken_at as number | undefined;
    if (last !== undefined && last > now - intervalMs && last <= now) return false;
    return queue.run(() => this.#take.run(now, intervalMs).changes > 0);
  }

  /** Returns free pages at the file's end to the file system, a few at a time. */
  async #giveBack(): Promise<void> {
    const { queue, writer } = this.#options;
    for (let step = 0; step < STEPS_A_SWEEP && !this.#stopped; step++) {
      const free = number(writer, 'PRAGMA freelist_count');
      if (free < LEAST_FREE_PAGES || free < FREE_SHARE * number(writer, 'PRAGMA page_count')) return;
      await queue.run(() => writer.exec(`PRAGMA incremental_vacuum(${PAGES_A_STEP})`));
    }
  }
}

function number(db: DatabaseSync, sql: string): number {
  return Object.values(db.prepare(sql).get()!)[0] as number;
}
