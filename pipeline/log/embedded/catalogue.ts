import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { ClickproofError } from '../../contracts/errors.ts';
import type { TopicSpec } from '../port.ts';
import { explained } from './storage-errors.ts';

/** A topic as the file knows it. Topics are never altered nor removed, so that it can be remembered. */
export interface Topic {
  readonly id: number;
  readonly spec: TopicSpec;
  /** Row ids by partition number. */
  readonly partitionIds: readonly number[];
}

interface TopicRow {
  id: number;
  name: string;
  partitions: number;
  cleanup: 'delete' | 'compact';
  retention_ms: number | null;
  retention_bytes: number | null;
  max_record_bytes: number;
}

/** The largest record the storage can hold: a blob of SQLite ends at 10^9 bytes. */
const MAX_RECORD_BYTES = 512 << 20;

/** The topics of the file, remembered once seen. */
export class Catalogue {
  readonly #topics = new Map<string, Topic>();
  readonly #byName: StatementSync;
  readonly #partitions: StatementSync;
  readonly #names: StatementSync;

  readonly #path: string;

  /** @param db the connection for reading */
  constructor(db: DatabaseSync, path: string) {
    this.#path = path;
    this.#byName = db.prepare('SELECT * FROM topics WHERE name = ?');
    this.#partitions = db.prepare('SELECT id FROM partitions WHERE topic_id = ? ORDER BY number');
    this.#names = db.prepare('SELECT name FROM topics ORDER BY id');
  }

  /** @throws ClickproofError TOPIC_MISSING */
  topic(name: string): Topic {
    const known = this.#topics.get(name) ?? explained(this.#path, () => this.#load(name));
    if (known !== undefined) return known;
    throw new ClickproofError('TOPIC_MISSING', `the event log has no topic ${name}`, {
      remedy: 'start the part that creates it first, or correct the name',
    });
  }

  /** @throws ClickproofError TOPIC_MISSING, PARTITION_MISSING */
  partitionId(topic: Topic, partition: number): number {
    const id = topic.partitionIds[partition];
    if (id !== undefined) return id;
    throw new ClickproofError(
      'PARTITION_MISSING',
      `topic ${topic.spec.name} has partitions 0 to ${topic.spec.partitions - 1}, not ${partition}`,
    );
  }

  /** All topics there are now. */
  all(): Topic[] {
    return this.#names.all().map((row) => this.topic(row.name as string));
  }

  #load(name: string): Topic | undefined {
    const row = this.#byName.get(name) as unknown as TopicRow | undefined;
    if (row === undefined) return undefined;
    const topic: Topic = {
      id: row.id,
      spec: {
        name: row.name,
        partitions: row.partitions,
        cleanup: row.cleanup,
        retentionMs: row.retention_ms ?? undefined,
        retentionBytes: row.retention_bytes ?? undefined,
        maxRecordBytes: row.max_record_bytes,
      },
      partitionIds: this.#partitions.all(row.id).map((partition) => partition.id as number),
    };
    this.#topics.set(name, topic);
    return topic;
  }
}

/** Creates topics; to be run under the write lock. */
export class TopicMaker {
  readonly #byName: StatementSync;
  readonly #insertTopic: StatementSync;
  readonly #insertPartition: StatementSync;

  constructor(db: DatabaseSync) {
    this.#byName = db.prepare('SELECT * FROM topics WHERE name = ?');
    this.#insertTopic = db.prepare(
      `INSERT INTO topics (name, partitions, cleanup, retention_ms, retention_bytes, max_record_bytes)
       VALUES (?, ?, ?, ?, ?, ?)`,
    );
    this.#insertPartition = db.prepare('INSERT INTO partitions (topic_id, number) VALUES (?, ?)');
  }

  /** @throws ClickproofError TOPIC_MISMATCH, TOPIC_INVALID */
  ensure(spec: TopicSpec): void {
    check(spec);
    const row = this.#byName.get(spec.name) as unknown as TopicRow | undefined;
    if (row === undefined) {
      const { lastInsertRowid } = this.#insertTopic.run(
        spec.name,
        spec.partitions,
        spec.cleanup,
        spec.retentionMs ?? null,
        spec.retentionBytes ?? null,
        spec.maxRecordBytes,
      );
      for (let number = 0; number < spec.partitions; number++) {
        this.#insertPartition.run(lastInsertRowid, number);
      }
      return;
    }
    const differences = [
      difference('partitions', row.partitions, spec.partitions),
      difference('cleanup', row.cleanup, spec.cleanup),
      difference('retentionMs', row.retention_ms, spec.retentionMs ?? null),
      difference('retentionBytes', row.retention_bytes, spec.retentionBytes ?? null),
      difference('maxRecordBytes', row.max_record_bytes, spec.maxRecordBytes),
    ].filter((text) => text !== undefined);
    if (differences.length === 0) return;
    throw new ClickproofError(
      'TOPIC_MISMATCH',
      `topic ${spec.name} exists with other settings: ${differences.join('; ')}`,
      {
        remedy: 'use the settings it was made with, or choose another data directory with --data-dir',
      },
    );
  }
}

function difference(name: string, is: unknown, wanted: unknown): string | undefined {
  return is === wanted ? undefined : `${name} is ${is ?? 'unlimited'}, wanted ${wanted ?? 'unlimited'}`;
}

function check(spec: TopicSpec): void {
  const within = (value: number, least: number, most: number) =>
    Number.isSafeInteger(value) && value >= least && value <= most;
  // Kafka's rule for names.
  if (!/^[a-zA-Z0-9._-]{1,249}$/.test(spec.name) || spec.name === '.' || spec.name === '..')
    throw invalid(spec, 'its name may have letters, digits, ".", "_" and "-" only');
  if (!within(spec.partitions, 1, 1_024)) throw invalid(spec, 'it needs 1 to 1024 partitions');
  if (!within(spec.maxRecordBytes, 1, MAX_RECORD_BYTES))
    throw invalid(spec, `maxRecordBytes must be 1 to ${MAX_RECORD_BYTES}`);
  if (!within(spec.retentionMs ?? 1, 1, Number.MAX_SAFE_INTEGER))
    throw invalid(spec, 'retentionMs must be positive');
  if (!within(spec.retentionBytes ?? 1, 1, Number.MAX_SAFE_INTEGER))
    throw invalid(spec, 'retentionBytes must be positive');
}

function invalid(spec: TopicSpec, why: string): ClickproofError {
  return new ClickproofError('TOPIC_INVALID', `topic ${spec.name} cannot be created: ${why}`);
}
