import { DatabaseSync } from 'node:sqlite';
import { zstdDecompressSync } from 'node:zlib';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { SeenRecord, StartOffsets, TopicReader } from './topic-reader.ts';

/**
 * Reads the embedded event log's file without the pipeline's code. A record in a batch is
 * varint offset delta, varint timestamp delta, varint key length + 1, key, varint value length + 1, value; 0 is null.
 */
export class EmbeddedTopicReader implements TopicReader {
  readonly #db: DatabaseSync;
  readonly #from: StartOffsets;

  /** @throws ClickproofError HOP_UNREADABLE */
  constructor(path: string, from: StartOffsets = new Map()) {
    this.#from = from;
    try {
      this.#db = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
    } catch (cause) {
      throw new ClickproofError('HOP_UNREADABLE', `the event log ${path} cannot be opened`, { cause });
    }
  }

  /** @throws ClickproofError HOP_UNREADABLE */
  partitions(topic: string): number {
    const row = readable(() => this.#db.prepare('SELECT partitions FROM topics WHERE name = ?').get(topic));
    if (!row) throw new ClickproofError('HOP_UNREADABLE', `the event log has no topic ${topic}`);
    return row.partitions as number;
  }

  /** @throws ClickproofError HOP_UNREADABLE */
  *records(topic: string): Generator<SeenRecord> {
    const partitions = this.partitions(topic);
    const batches = this.#db.prepare(
      `SELECT base_offset, min_timestamp, count, codec, body FROM batches
       WHERE partition_id = (SELECT p.id FROM partitions p JOIN topics t ON t.id = p.topic_id WHERE t.name = ? AND p.number = ?)
         AND last_offset > ? ORDER BY last_offset LIMIT 1`,
    );
    for (let partition = 0; partition < partitions; partition++) {
      let after = (this.#from.get(topic)?.[partition] ?? 0) - 1;
      for (;;) {
        // One batch a query: an iterator left open would hold a read lock and keep the log from being trimmed.
        const row = readable(() => batches.get(topic, partition, after));
        if (!row) break;
        for (const record of readable(() => decode(row as unknown as StoredRow, partition))) {
          if (record.offset <= after) continue;
          after = record.offset;
          yield record;
        }
      }
    }
  }

  /** Where topics end now, to read on from there later. @throws ClickproofError HOP_UNREADABLE */
  ends(topics: readonly string[]): StartOffsets {
    const last = this.#db.prepare(
      `SELECT coalesce(max(last_offset), -1) AS last FROM batches
       WHERE partition_id = (SELECT p.id FROM partitions p JOIN topics t ON t.id = p.topic_id WHERE t.name = ? AND p.number = ?)`,
    );
    const endOf = (topic: string, partition: number) =>
      Number(readable(() => last.get(topic, partition))!.last) + 1;
    return new Map(
      topics.map((topic) => [
        topic,
        Array.from({ length: this.partitions(topic) }, (_, partition) => endOf(topic, partition)),
      ]),
    );
  }

  close(): void {
    this.#db.close();
  }
}

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new ClickproofError('HOP_UNREADABLE', `the event log cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}

interface StoredRow {
  readonly base_offset: number;
  readonly min_timestamp: number;
  readonly count: number;
  readonly codec: number;
  readonly body: Uint8Array;
}

function decode(row: StoredRow, partition: number): SeenRecord[] {
  const data = row.codec === 1 ? zstdDecompressSync(row.body) : Buffer.from(row.body);
  let at = 0;
  const varint = () => {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const byte = data[at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  const bytes = () => {
    const length = varint() - 1;
    if (length < 0) return null;
    at += length;
    return data.subarray(at - length, at);
  };
  return Array.from({ length: row.count }, () => {
    const offset = row.base_offset + varint();
    const timestamp = row.min_timestamp + varint();
    return { partition, offset, timestamp, key: bytes(), value: bytes() };
  });
}
