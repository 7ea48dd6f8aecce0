import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { ClickproofError } from '../../contracts/errors.ts';
import type { GroupOffsets, OutRecord, TransactionalProducer } from '../port.ts';
import { RecordTooLarge } from '../record-too-large.ts';
import { encodeBatches, type StoredBatch } from './batch-codec.ts';
import type { Catalogue, Topic } from './catalogue.ts';
import type { WriteQueue } from './write-queue.ts';

/** ECMAScript's last representable time. */
const LAST_TIMESTAMP = 8.64e15;

/** Batches of one partition, ready to be given offsets. */
interface PartitionWrite {
  readonly partitionId: number;
  readonly batches: readonly StoredBatch[];
}

/** The statements behind claims and commits; all to be run under the write lock. */
export class Ledger {
  readonly #claim: StatementSync;
  readonly #epoch: StatementSync;
  readonly #next: StatementSync;
  readonly #insert: StatementSync;
  readonly #advance: StatementSync;
  readonly #offset: StatementSync;

  constructor(db: DatabaseSync) {
    this.#claim = db.prepare(
      `INSERT INTO producers (transactional_id, epoch) VALUES (?, 1)
       ON CONFLICT (transactional_id) DO UPDATE SET epoch = epoch + 1 RETURNING epoch`,
    );
    this.#epoch = db.prepare('SELECT epoch FROM producers WHERE transactional_id = ?');
    this.#next = db.prepare('SELECT next_offset FROM partitions WHERE id = ?');
    this.#insert = db.prepare(
      `INSERT INTO batches (partition_id, base_offset, last_offset, count, min_timestamp, max_timestamp,
         raw_bytes, codec, checksum, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#advance = db.prepare('UPDATE partitions SET next_offset = ?, bytes = bytes + ? WHERE id = ?');
    this.#offset = db.prepare(
      `INSERT INTO group_offsets (group_name, partition_id, next_offset) VALUES (?, ?, ?)
       ON CONFLICT (group_name, partition_id) DO UPDATE SET next_offset = excluded.next_offset`,
    );
  }

  claim(transactionalId: string): number {
    return this.#claim.get(transactionalId)!.epoch as number;
  }

  /** @throws ClickproofError FENCED */
  checkEpoch(transactionalId: string, epoch: number): void {
    const row = this.#epoch.get(transactionalId);
    if (row?.epoch === epoch) return;
    throw new ClickproofError(
      'FENCED',
      `another producer has claimed ${transactionalId}; nothing was written`,
    );
  }

  append({ partitionId, batches }: PartitionWrite): void {
    let next = this.#next.get(partitionId)!.next_offset as number;
    let bytes = 0;
    for (const batch of batches) {
      const last = next + batch.lastDelta;
      this.#insert.run(
        partitionId,
        next,
        last,
        batch.count,
        batch.minTimestamp,
        batch.maxTimestamp,
        batch.rawBytes,
        batch.codec,
        batch.checksum,
        batch.body,
      );
      bytes += batch.body.length;
      next = last + 1;
    }
    this.#advance.run(next, bytes, partitionId);
  }

  setOffset(group: string, partitionId: number, offset: number): void {
    this.#offset.run(group, partitionId, offset);
  }
}

/**
 * A transaction is one SQLite transaction: until it commits nobody sees anything of it, and a process that dies leaves nothing
 * behind. Records are encoded and compressed before the write lock is taken.
 */
export class EmbeddedProducer implements TransactionalProducer {
  readonly transactionalId: string;
  readonly #epoch: number;
  readonly #queue: WriteQueue;
  readonly #ledger: Ledger;
  readonly #catalogue: Catalogue;
  #state: 'ready' | 'committing' | 'failed' | 'closed' = 'ready';

  constructor(
    transactionalId: string,
    epoch: number,
    queue: WriteQueue,
    ledger: Ledger,
    catalogue: Catalogue,
  ) {
    this.transactionalId = transactionalId;
    this.#epoch = epoch;
    this.#queue = queue;
    this.#ledger = ledger;
    this.#catalogue = catalogue;
  }

  async commit(transaction: { records: readonly OutRecord[]; offsets?: GroupOffsets }): Promise<void> {
    if (this.#state !== 'ready') throw unusable(this.transactionalId, this.#state);
    this.#state = 'committing';
    try {
      const writes = encode(transaction.records, this.#catalogue);
      const offsets = resolveOffsets(transaction.offsets, this.#catalogue);
      let bytes = 0;
      for (const { batches } of writes) for (const { body } of batches) bytes += body.length;
      await this.#queue.run(() => {
        this.#ledger.checkEpoch(this.transactionalId, this.#epoch);
        for (const write of writes) this.#ledger.append(write);
        for (const { group, partitionId, offset } of offsets)
          this.#ledger.setOffset(group, partitionId, offset);
      }, bytes);
      if (this.#state === 'committing') this.#state = 'ready';
    } catch (error) {
      if (this.#state === 'committing') this.#state = 'failed';
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#state = 'closed';
  }
}

function encode(records: readonly OutRecord[], catalogue: Catalogue): PartitionWrite[] {
  const byPartition = new Map<number, OutRecord[]>();
  let topic: Topic | undefined;
  for (const record of records) {
    if (topic?.spec.name !== record.topic) topic = catalogue.topic(record.topic);
    const id = catalogue.partitionId(topic, record.partition);
    checkRecord(record, topic);
    const list = byPartition.get(id);
    if (list === undefined) byPartition.set(id, [record]);
    else list.push(record);
  }
  return Array.from(byPartition, ([partitionId, list]) => ({ partitionId, batches: encodeBatches(list) }));
}

function checkRecord(record: OutRecord, { spec }: Topic): void {
  if (record.value !== null && record.value.length > spec.maxRecordBytes) {
    throw new RecordTooLarge(
      record,
      `a value of ${record.value.length} bytes exceeds the ${spec.maxRecordBytes} that topic ${spec.name} allows; nothing was written`,
      { remedy: 'raise the size limit that the topic was made with, or refuse such records before' },
    );
  }
  if (record.key !== null && record.key.length > spec.maxRecordBytes) {
    throw new RecordTooLarge(
      record,
      `a key of ${record.key.length} bytes exceeds the ${spec.maxRecordBytes} that topic ${spec.name} allows; nothing was written`,
    );
  }
  if (record.key === null && spec.cleanup === 'compact') {
    throw new ClickproofError('RECORD_INVALID', `topic ${spec.name} is compacted: its records need a key`);
  }
  if (!Number.isSafeInteger(record.timestamp) || record.timestamp < 0 || record.timestamp > LAST_TIMESTAMP) {
    throw new ClickproofError(
      'RECORD_INVALID',
      `${record.timestamp} is no timestamp: whole ms since 1970 are`,
    );
  }
}

function resolveOffsets(
  offsets: GroupOffsets | undefined,
  catalogue: Catalogue,
): { group: string; partitionId: number; offset: number }[] {
  if (offsets === undefined) return [];
  const topic = catalogue.topic(offsets.topic);
  return offsets.offsets.map(({ partition, offset }) => {
    checkOffset(offset);
    return { group: offsets.group, partitionId: catalogue.partitionId(topic, partition), offset };
  });
}

/** @throws ClickproofError OFFSET_INVALID */
export function checkOffset(offset: number): void {
  if (Number.isSafeInteger(offset) && offset >= 0) return;
  throw new ClickproofError('OFFSET_INVALID', `${offset} is no offset`);
}

function unusable(transactionalId: string, state: 'committing' | 'failed' | 'closed'): ClickproofError {
  const why = {
    committing: 'is in the middle of a transaction: one at a time',
    failed: 'has failed: claim the id again',
    closed: 'is closed',
  };
  return new ClickproofError('PRODUCER_UNUSABLE', `the producer ${transactionalId} ${why[state]}`);
}
