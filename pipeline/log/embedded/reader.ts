import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { ClickproofError } from '../../contracts/errors.ts';
import type { LogRecord, PartitionEnds } from '../port.ts';
import { type BatchRow, decodeBatch } from './batch-codec.ts';
import type { Catalogue, Topic } from './catalogue.ts';
import { explained } from './storage-errors.ts';

/** The records of one stored batch from an offset on. */
export interface Chunk {
  /** In offset order; can be empty where compaction took all that were asked for. */
  readonly records: readonly LogRecord[];
  /** Where the next stored batch may begin. */
  readonly nextOffset: number;
}

/** Queries over committed data, on a connection of its own. Every call sees the latest commit of any process. */
export class Reader {
  readonly catalogue: Catalogue;
  readonly #path: string;
  readonly #ends: StatementSync;
  readonly #topicEnds: StatementSync;
  readonly #batch: StatementSync;
  readonly #committed: StatementSync;
  readonly #version: StatementSync;

  constructor(db: DatabaseSync, catalogue: Catalogue, path: string) {
    this.catalogue = catalogue;
    this.#path = path;
    this.#ends = db.prepare(
      'SELECT start_offset AS start, next_offset AS "end" FROM partitions WHERE id = ?',
    );
    this.#topicEnds = db.prepare(
      'SELECT number AS partition, start_offset AS start, next_offset AS "end" FROM partitions WHERE topic_id = ? ORDER BY number',
    );
    this.#batch = db.prepare(
      `SELECT base_offset AS baseOffset, last_offset AS lastOffset, count, min_timestamp AS minTimestamp,
         raw_bytes AS rawBytes, codec, checksum, body
       FROM batches WHERE partition_id = ? AND last_offset >= ? ORDER BY last_offset LIMIT 1`,
    );
    this.#committed = db.prepare(
      `SELECT p.number AS partition, o.next_offset AS "offset" FROM group_offsets o JOIN partitions p ON p.id = o.partition_id
       WHERE o.group_name = ? AND p.topic_id = ?`,
    );
    this.#version = db.prepare('PRAGMA data_version');
  }

  /** Changes whenever any connection commits; costs a few microseconds. */
  version(): number {
    return explained(this.#path, () => this.#version.get()!.data_version as number);
  }

  ends(partitionId: number): { start: number; end: number } {
    return explained(
      this.#path,
      () => this.#ends.get(partitionId) as unknown as { start: number; end: number },
    );
  }

  topicEnds(topic: Topic): PartitionEnds[] {
    return explained(this.#path, () =>
      this.#topicEnds.all(topic.id).map((row) => ({ ...row }) as unknown as PartitionEnds),
    );
  }

  committed(group: string, topic: Topic): (number | null)[] {
    return explained(this.#path, () => {
      const offsets: (number | null)[] = topic.partitionIds.map(() => null);
      for (const row of this.#committed.all(group, topic.id))
        offsets[row.partition as number] = row.offset as number;
      return offsets;
    });
  }

  /** The next stored batch, from the record at `offset` on; undefined at the end of the partition. */
  chunk(partitionId: number, offset: number): Chunk | undefined {
    return explained(this.#path, () => {
      const row = this.#batch.get(partitionId, offset) as unknown as
        | (BatchRow & { lastOffset: number })
        | undefined;
      if (row === undefined) return undefined;
      const records = decodeBatch(row);
      return {
        records: offset > row.baseOffset ? records.slice(firstAtOrAfter(records, offset)) : records,
        nextOffset: row.lastOffset + 1,
      };
    });
  }

  /** @throws ClickproofError OFFSET_OUT_OF_RANGE */
  checkRange(topic: Topic, partition: number, offset: number): { start: number; end: number } {
    const ends = this.ends(this.catalogue.partitionId(topic, partition));
    if (Number.isSafeInteger(offset) && offset >= ends.start && offset <= ends.end) return ends;
    throw new ClickproofError(
      'OFFSET_OUT_OF_RANGE',
      `${topic.spec.name} partition ${partition} holds offsets ${ends.start} to ${ends.end}, not ${offset}`,
      {
        remedy:
          offset < ends.start
            ? 'the records between were removed by retention: account for them as lost, then go on from the start'
            : 'the log was made anew: use the data directory that belongs together, or begin from the start',
      },
    );
  }
}

function firstAtOrAfter(records: readonly LogRecord[], offset: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (records[middle]!.offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
