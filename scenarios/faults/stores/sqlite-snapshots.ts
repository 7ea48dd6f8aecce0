import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Marks, ProfileSnapshots } from './profile-snapshots.ts';

const BUSY_MS = 10_000;
const TABLES = ['partition', 'visitor', 'segment'];

/** The embedded profile store's file. */
export class SqliteSnapshots implements ProfileSnapshots {
  readonly #topic: string;
  readonly #db: DatabaseSync;
  #folder: string | undefined;

  constructor(path: string, topic: string) {
    this.#topic = topic;
    this.#db = new DatabaseSync(path, { timeout: BUSY_MS });
  }

  async marks(): Promise<Marks> {
    const rows = this.#db
      .prepare('SELECT partition, mark FROM partition WHERE topic = ? AND mark IS NOT NULL')
      .all(this.#topic) as { partition: number; mark: number }[];
    return new Map(rows.map(({ partition, mark }) => [String(partition), mark]));
  }

  async take(): Promise<void> {
    await this.#forget();
    this.#folder = await mkdtemp(join(tmpdir(), 'clickproof-snapshot-'));
    this.#db.prepare('VACUUM INTO ?').run(this.#file);
  }

  async setBack(to: 'snapshot' | 'nothing'): Promise<Marks> {
    if (to === 'snapshot') this.#db.prepare('ATTACH ? AS taken').run(this.#file);
    this.#db.exec('BEGIN IMMEDIATE');
    for (const table of TABLES) {
      this.#db.exec(`DELETE FROM main.${table}`);
      if (to === 'snapshot') this.#db.exec(`INSERT INTO main.${table} SELECT * FROM taken.${table}`);
    }
    const marks = await this.marks();
    this.#db.exec('COMMIT');
    if (to === 'snapshot') this.#db.exec('DETACH taken');
    return marks;
  }

  async close(): Promise<void> {
    this.#db.close();
    await this.#forget();
  }

  get #file(): string {
    return join(this.#folder!, 'profiles.db');
  }

  async #forget(): Promise<void> {
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }
}
