import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { LogRecord } from '../port.ts';
import { type BatchRow, decodeBatch, encodeBatch, type StoredBatch } from './batch-codec.ts';
import type { Topic } from './catalogue.ts';
import type { WriteQueue } from './write-queue.ts';

/** A partition is compacted when so many records have come since the last time, and as many as are kept. */
const LEAST_NEW_RECORDS = 1_000;
/** How many different keys, and bytes of them, one pass takes; the rest waits for the next. */
const MAX_KEYS = 500_000;
const MAX_KEY_BYTES = 64 << 20;
/** How long a tombstone is kept, so that readers learn of the deletion: Kafka's default. */
const TOMBSTONE_MS = 86_400_000;
const STEP_CHANGES = 256;
const STEP_BYTES = 4 << 20;

type StoredRow = BatchRow & { id: number; lastOffset: number; maxTimestamp: number };

interface Change {
  readonly id: number;
  /** As it was read: another compaction must not have been there. */
  readonly count: number;
  readonly oldBytes: number;
  /** Undefined: nothing of the batch is left. */
  readonly batch: StoredBatch | undefined;
}

/** Keeps the newest record of each key in topics with cleanup `compact`. Offsets stay what they were: gaps remain. */
export class Compaction {
  readonly #queue: WriteQueue;
  readonly #state: StatementSync;
  readonly #kept: StatementSync;
  readonly #batch: StatementSync;
  readonly #replace: StatementSync;
  readonly #remove: StatementSync;
  readonly #shrink: StatementSync;
  readonly #done: StatementSync;

  constructor(reader: DatabaseSync, writer: DatabaseSync, queue: WriteQueue) {
    this.#queue = queue;
    this.#state = reader.prepare('SELECT next_offset, compacted_offset FROM partitions WHERE id = ?');
    this.#kept = reader.prepare(
      'SELECT count(*) AS count FROM batches WHERE partition_id = ? AND last_offset < ?',
    );
    this.#batch = reader.prepare(
      `SELECT id, base_offset AS baseOffset, last_offset AS lastOffset, count, min_timestamp AS minTimestamp,
         max_timestamp AS maxTimestamp, raw_bytes AS rawBytes, codec, checksum, body
       FROM batches WHERE partition_id = ? AND last_offset >= ? ORDER BY last_offset LIMIT 1`,
    );
    this.#replace = writer.prepare(
      `UPDATE batches SET count = ?, min_timestamp = ?, max_timestamp = ?, raw_bytes = ?, codec = ?, checksum = ?,
         body = ? WHERE id = ? AND count = ?`,
    );
    this.#remove = writer.prepare('DELETE FROM batches WHERE id = ? AND count = ?');
    this.#shrink = writer.prepare('UPDATE partitions SET bytes = bytes - ? WHERE id = ?');
    this.#done = writer.prepare(
      'UPDATE partitions SET compacted_offset = max(compacted_offset, ?) WHERE id = ?',
    );
  }

  /** @param now Unix time, ms: older tombstones go */
  async sweep(topic: Topic, now: number): Promise<void> {
    if (topic.spec.cleanup !== 'compact') return;
    for (const id of topic.partitionIds) {
      const state = this.#state.get(id) as unknown as { next_offset: number; compacted_offset: number };
      const fresh = state.next_offset - state.compacted_offset;
      if (fresh < LEAST_NEW_RECORDS) continue;
      if (fresh < (this.#kept.get(id, state.compacted_offset)!.count as number)) continue;
      await this.#compact(id, state.compacted_offset, now - TOMBSTONE_MS);
    }
  }

  async #compact(partitionId: number, from: number, tombstonesFrom: number): Promise<void> {
    const { newest, end } = await this.#newestByKey(partitionId, from);
    const keep = (record: LogRecord) =>
      (newest.get(keyText(record)) ?? record.offset) <= record.offset &&
      (record.value !== null || record.timestamp >= tombstonesFrom);
    let changes: Change[] = [];
    let bytes = 0;
    // In offset order, so that no older value outlives the tombstone that deletes it.
    for await (const { row, records } of this.#batches(partitionId, 0, end)) {
      const kept = records.filter(keep);
      if (kept.length === records.length) continue;
      const change: Change = {
        id: row.id,
        count: row.count,
        oldBytes: row.body.length,
        batch:
          kept.length === 0
            ? undefined
            : encodeBatch(
                kept,
                kept.map((record) => record.offset - row.baseOffset),
              ),
      };
      changes.push(change);
      bytes += change.batch?.body.length ?? 0;
      if (changes.length < STEP_CHANGES && bytes < STEP_BYTES) continue;
      await this.#apply(partitionId, changes);
      changes = [];
      bytes = 0;
    }
    await this.#apply(partitionId, changes, end);
  }

  /** The newest offset of each key from `from` on, as far as memory allows: up to `end`. */
  async #newestByKey(
    partitionId: number,
    from: number,
  ): Promise<{ newest: Map<string, number>; end: number }> {
    const newest = new Map<string, number>();
    let keyBytes = 0;
    let end = from;
    for await (const { row, records } of this.#batches(partitionId, from, Number.POSITIVE_INFINITY)) {
      for (const record of records) {
        const key = keyText(record);
        if (!newest.has(key)) keyBytes += key.length;
        newest.set(key, record.offset);
      }
      end = row.lastOffset + 1;
      if (newest.size > MAX_KEYS || keyBytes > MAX_KEY_BYTES) break;
    }
    return { newest, end };
  }

  async *#batches(
    partitionId: number,
    from: number,
    to: number,
  ): AsyncGenerator<{ row: StoredRow; records: LogRecord[] }> {
    let next = from;
    for (;;) {
      const row = this.#batch.get(partitionId, next) as unknown as StoredRow | undefined;
      if (row === undefined || row.lastOffset >= to) return;
      yield { row, records: decodeBatch(row) };
      next = row.lastOffset + 1;
      await new Promise(setImmediate);
    }
  }

  async #apply(partitionId: number, changes: readonly Change[], compactedTo?: number): Promise<void> {
    await this.#queue.run(() => {
      let freed = 0;
      for (const { id, count, oldBytes, batch } of changes) {
        const { changes: done } =
          batch === undefined
            ? this.#remove.run(id, count)
            : this.#replace.run(
                batch.count,
                batch.minTimestamp,
                batch.maxTimestamp,
                batch.rawBytes,
                batch.codec,
                batch.checksum,
                batch.body,
                id,
                count,
              );
        if (done > 0) freed += oldBytes - (batch?.body.length ?? 0);
      }
      this.#shrink.run(freed, partitionId);
      if (compactedTo !== undefined) this.#done.run(compactedTo, partitionId);
    });
  }
}

/** Latin-1 keeps every byte apart, unlike UTF-8. */
function keyText({ key }: LogRecord): string {
  return key === null ? '' : key.toString('latin1');
}
