import { DatabaseSync } from 'node:sqlite';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { ProfileReader } from './profile-reader.ts';

/** Reads the embedded profile store's file. */
export class SqliteProfileReader implements ProfileReader {
  readonly name: string;
  readonly #topic: string;
  #db: DatabaseSync | undefined;

  /** @param topic the input topic of the profiles */
  constructor(path: string, topic: string) {
    this.name = path;
    this.#topic = topic;
  }

  async mark(partition: number): Promise<number> {
    const row = this.#read((db) =>
      db.prepare('SELECT mark FROM partition WHERE topic = ? AND partition = ?').get(this.#topic, partition),
    );
    return (row?.mark as number | null | undefined) ?? 0;
  }

  async profiles(partition: number, visitors: readonly string[]): Promise<(Buffer | null)[]> {
    return this.#read((db) => {
      const find = db.prepare(
        `SELECT value FROM visitor
         WHERE partition = (SELECT id FROM partition WHERE topic = ? AND partition = ?) AND visitor = ?`,
      );
      return visitors.map((visitor) => {
        const row = find.get(this.#topic, partition, Buffer.from(visitor, 'latin1'));
        return row ? Buffer.from(row.value as Uint8Array) : null;
      });
    });
  }

  async close(): Promise<void> {
    this.#db?.close();
  }

  #read<T>(work: (db: DatabaseSync) => T): T {
    try {
      this.#db ??= new DatabaseSync(this.name, { readOnly: true, timeout: 5_000 });
      return work(this.#db);
    } catch (cause) {
      throw new ClickproofError(
        'HOP_UNREADABLE',
        `the profiles in ${this.name} cannot be read: ${(cause as Error).message}`,
        { cause },
      );
    }
  }
}
