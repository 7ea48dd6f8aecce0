import { ClickproofError } from '../../contracts/errors.ts';
import type {
  Consumer,
  EventLog,
  GroupOffsets,
  LogRecord,
  OutRecord,
  PartitionEnds,
  RecordBatch,
  TransactionalProducer,
} from '../../log/port.ts';
import { RecordTooLarge } from '../../log/record-too-large.ts';

const DEFAULT_RECORD_BYTES = 1 << 20;

interface Partition {
  start: number;
  end: number;
  records: LogRecord[];
}

/**
 * The parts of the event log that a partition's handler uses, in memory and with what Kafka's offsets do and SQLite's need not: every
 * transaction leaves a marker, so offsets have gaps. Tests drive handlers by hand on it; there are no consumers.
 */
export class MemoryLog implements EventLog {
  readonly kind = 'kafka';
  readonly #topics = new Map<string, Partition[]>();
  readonly #offsets = new Map<string, number>();
  readonly #epochs = new Map<string, number>();
  readonly #maxRecordBytes: Readonly<Record<string, number>>;

  /** @param maxRecordBytes by topic */
  constructor(
    topics: Readonly<Record<string, number>>,
    maxRecordBytes: Readonly<Record<string, number>> = {},
  ) {
    this.#maxRecordBytes = maxRecordBytes;
    for (const [name, partitions] of Object.entries(topics)) {
      this.#topics.set(
        name,
        Array.from({ length: partitions }, () => ({ start: 0, end: 0, records: [] })),
      );
    }
  }

  /** All records of a topic, by partition. */
  records(topic: string): LogRecord[][] {
    return this.#topics.get(topic)!.map(({ records }) => [...records]);
  }

  /** Appends one transaction to a partition. */
  append(topic: string, partition: number, records: readonly Omit<LogRecord, 'offset'>[]): void {
    const target = this.#topics.get(topic)![partition]!;
    for (const record of records) target.records.push({ ...record, offset: target.end++ });
    target.end++; // the marker
  }

  /** Retention: the log now begins at this offset. */
  trim(topic: string, partition: number, start: number): void {
    const target = this.#topics.get(topic)![partition]!;
    target.start = start;
    target.records = target.records.filter(({ offset }) => offset >= start);
  }

  offset(group: string, topic: string, partition: number): number | null {
    return this.#offsets.get(`${group}\0${topic}\0${partition}`) ?? null;
  }

  setOffset(group: string, topic: string, partition: number, offset: number): void {
    this.#offsets.set(`${group}\0${topic}\0${partition}`, offset);
  }

  /** Up to `limit` records; undefined at the end. */
  batch(topic: string, partition: number, from: number, limit: number): RecordBatch | undefined {
    const { records, end } = this.#topics.get(topic)![partition]!;
    const first = records.findIndex(({ offset }) => offset >= from);
    if (first === -1) return undefined;
    const taken = records.slice(first, first + limit);
    return { topic, partition, records: taken, nextOffset: records[first + limit]?.offset ?? end };
  }

  async ensureTopics(): Promise<void> {}

  async partitions(topic: string): Promise<number> {
    return this.#topics.get(topic)!.length;
  }

  async ends(topic: string): Promise<PartitionEnds[]> {
    return this.#topics.get(topic)!.map(({ start, end }, partition) => ({ partition, start, end }));
  }

  async committed(group: string, topic: string): Promise<(number | null)[]> {
    return this.#topics.get(topic)!.map((_, partition) => this.offset(group, topic, partition));
  }

  async claim(transactionalId: string): Promise<TransactionalProducer> {
    const epoch = (this.#epochs.get(transactionalId) ?? 0) + 1;
    this.#epochs.set(transactionalId, epoch);
    return {
      transactionalId,
      commit: async ({ records, offsets }) => {
        if (this.#epochs.get(transactionalId) !== epoch) throw new ClickproofError('FENCED', transactionalId);
        this.#write(records, offsets);
      },
      close: async () => {},
    };
  }

  consume(): Consumer {
    throw new Error('handlers are driven by hand here');
  }

  // biome-ignore lint/correctness/useYield: part of the port that no handler uses
  async *read(): AsyncIterable<RecordBatch> {
    throw new Error('see `records`');
  }

  async close(): Promise<void> {}

  #write(records: readonly OutRecord[], offsets: GroupOffsets | undefined): void {
    for (const record of records) {
      const most = this.#maxRecordBytes[record.topic] ?? DEFAULT_RECORD_BYTES;
      if ((record.value?.length ?? 0) > most) throw new RecordTooLarge(record, record.topic);
    }
    const touched = new Set<Partition>();
    for (const { topic, partition, key, value, timestamp } of records) {
      const target = this.#topics.get(topic)![partition]!;
      target.records.push({ key, value, timestamp, offset: target.end++ });
      touched.add(target);
    }
    for (const target of touched) target.end++; // the marker
    for (const { partition, offset } of offsets?.offsets ?? []) {
      this.setOffset(offsets!.group, offsets!.topic, partition, offset);
    }
  }
}
