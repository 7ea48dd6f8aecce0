import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Topic } from './catalogue.ts';
import type { WriteQueue } from './write-queue.ts';

/** What one write transaction removes at most, so that nobody waits long for the lock. */
const STEP_BATCHES = 256;
const STEP_BYTES = 16 << 20;

interface HeadRow {
  last_offset: number;
  max_timestamp: number;
  bytes: number;
}

/**
 * Removes the oldest batches of topics with retention, as Kafka removes segments: from the start, whole, until the first that is
 * to be kept. A sweep that finds nothing to do reads one row a partition and takes no lock.
 */
export class Retention {
  readonly #queue: WriteQueue;
  readonly #partitionBytes: StatementSync;
  readonly #head: StatementSync;
  readonly #remove: StatementSync;
  readonly #advance: StatementSync;

  constructor(reader: DatabaseSync, writer: DatabaseSync, queue: WriteQueue) {
    this.#queue = queue;
    this.#partitionBytes = reader.prepare('SELECT bytes FROM partitions WHERE id = ?');
    this.#head = reader.prepare(
      `SELECT last_offset, max_timestamp, length(body) AS bytes FROM batches
       WHERE partition_id = ? ORDER BY last_offset LIMIT ?`,
    );
    this.#remove = writer.prepare(
      'DELETE FROM batches WHERE partition_id = ? AND last_offset <= ? RETURNING length(body) AS bytes',
    );
    this.#advance = writer.prepare(
      'UPDATE partitions SET start_offset = max(start_offset, ?), bytes = bytes - ? WHERE id = ?',
    );
  }

  /** @param now Unix time, ms, to which records' timestamps are compared */
  async sweep(topic: Topic, now: number): Promise<void> {
    const { cleanup, retentionMs, retentionBytes } = topic.spec;
    if (cleanup !== 'delete' || (retentionMs === undefined && retentionBytes === undefined)) return;
    const keepFrom = retentionMs === undefined ? Number.NEGATIVE_INFINITY : now - retentionMs;
    for (const id of topic.partitionIds) {
      while (await this.#step(id, keepFrom, retentionBytes ?? Number.POSITIVE_INFINITY));
    }
  }

  /** Removes a few batches; true when there may be more to remove. */
  async #step(partitionId: number, keepFrom: number, keepBytes: number): Promise<boolean> {
    // Most sweeps end here, with one row read.
    if (this.#expired(partitionId, keepFrom, keepBytes, 1).upTo === undefined) return false;
    const { upTo, more } = this.#expired(partitionId, keepFrom, keepBytes, STEP_BATCHES);
    if (upTo === undefined) return false;
    await this.#queue.run(() => {
      let bytes = 0;
      for (const row of this.#remove.all(partitionId, upTo)) bytes += row.bytes as number;
      this.#advance.run(upTo + 1, bytes, partitionId);
    });
    return more;
  }

  #expired(
    partitionId: number,
    keepFrom: number,
    keepBytes: number,
    limit: number,
  ): { upTo: number | undefined; more: boolean } {
    let kept = this.#partitionBytes.get(partitionId)!.bytes as number;
    let removed = 0;
    let upTo: number | undefined;
    const rows = this.#head.all(partitionId, limit) as unknown as HeadRow[];
    for (const row of rows) {
      if (row.max_timestamp >= keepFrom && kept - row.bytes < keepBytes) return { upTo, more: false };
      if (removed > 0 && removed + row.bytes > STEP_BYTES) break;
      kept -= row.bytes;
      removed += row.bytes;
      upTo = row.last_offset;
    }
    return { upTo, more: rows.length > 0 };
  }
}
