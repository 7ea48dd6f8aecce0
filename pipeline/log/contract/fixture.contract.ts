import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { EventLog, LogRecord, OutRecord, PartitionHandler, RecordBatch, TopicSpec } from '../port.ts';

/** What a test of the contract needs of an implementation. */
export interface EventLogFixture {
  /** Another independent instance of the same log, as another process would open it. Sessions as short as can be. */
  open(): Promise<EventLog>;
  /** How a process of its own opens the log: a module that exports `open(location)`. */
  readonly opener: { readonly module: string; readonly location: string };
  /** Closes what is open still, and removes the log. */
  close(): Promise<void>;
}

export type Maker = () => EventLogFixture;

/** A name nobody has used. */
export function fresh(what: string): string {
  return `${what}-${randomUUID()}`;
}

/** A topic nobody has used. */
export async function makeTopic(log: EventLog, settings: Partial<TopicSpec> = {}): Promise<string> {
  const name = fresh('topic');
  await log.ensureTopics([
    { name, partitions: 1, cleanup: 'delete', maxRecordBytes: 1_000_000, ...settings },
  ]);
  return name;
}

export function record(topic: string, value: string, more: Partial<OutRecord> = {}): OutRecord {
  return { topic, partition: 0, key: null, value: Buffer.from(value), timestamp: Date.now(), ...more };
}

/** Writes records in one transaction of a producer of their own. */
export async function write(log: EventLog, records: readonly OutRecord[]): Promise<void> {
  const producer = await log.claim(fresh('writer'));
  await producer.commit({ records });
  await producer.close();
}

/** Reads from the start of a partition to its end. */
export async function readAll(log: EventLog, topic: string, partition = 0): Promise<LogRecord[]> {
  const { start } = (await log.ends(topic))[partition]!;
  return readFrom(log, topic, partition, start);
}

export async function readFrom(
  log: EventLog,
  topic: string,
  partition: number,
  offset: number,
  to?: number,
): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  let next = offset;
  for await (const batch of log.read({ topic, partition, offset, ...(to === undefined ? {} : { to }) })) {
    expect(batch.records.length).toBeGreaterThan(0);
    for (const one of batch.records) {
      expect(one.offset).toBeGreaterThanOrEqual(next);
      next = one.offset + 1;
      records.push(one);
    }
    expect(batch.nextOffset).toBeGreaterThanOrEqual(next);
    next = batch.nextOffset;
  }
  return records;
}

export function texts(records: readonly Pick<LogRecord, 'value'>[]): (string | null)[] {
  return records.map(({ value }) => value?.toString() ?? null);
}

/** The code an operation fails with; undefined when it succeeds. */
export async function codeOf(operation: Promise<unknown>): Promise<unknown> {
  try {
    await operation;
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

/** A handler that starts at the committed offset or the beginning, and hands batches to a function. */
export function handlerOf(
  log: EventLog,
  group: string,
  process: (
    batch: RecordBatch,
    ...rest: Parameters<PartitionHandler['process']> extends [unknown, ...infer R] ? R : never
  ) => Promise<void> | void,
): PartitionHandler {
  return {
    async claim({ topic, partition }) {
      return (await log.committed(group, topic))[partition] ?? (await log.ends(topic))[partition]!.start;
    },
    async process(batch, context) {
      await process(batch, context);
    },
  };
}
