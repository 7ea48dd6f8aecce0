import type { KafkaConnection } from '../../containers/connections.ts';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { Committed, type LogEntry } from './committed.ts';
import { KafkaCluster, type PartitionOffsets, type RawMessage } from './kafka-cluster.ts';
import { oneAhead } from './one-ahead.ts';
import type { SeenRecord, StartOffsets, TopicReader } from './topic-reader.ts';

/** Marker of a transaction: version and kind, two bytes each. */
const COMMIT = 1;
/** Longer than a producer that has gone may leave a transaction open. */
const SETTLES_WITHIN_MS = 90_000;

/**
 * Reads the topics of a Kafka cluster to where they ended when the reader was opened. Of a transaction that was open there it waits for
 * the end: what is committed behind it would be missing otherwise.
 */
export class KafkaTopicReader implements TopicReader {
  readonly #cluster: KafkaCluster;
  readonly #offsets: ReadonlyMap<string, readonly PartitionOffsets[]>;

  private constructor(cluster: KafkaCluster, offsets: ReadonlyMap<string, readonly PartitionOffsets[]>) {
    this.#cluster = cluster;
    this.#offsets = offsets;
  }

  /** @throws ClickproofError HOP_UNREADABLE */
  static async open(
    connection: KafkaConnection,
    topics: readonly string[],
    from: StartOffsets = new Map(),
  ): Promise<KafkaTopicReader> {
    const cluster = new KafkaCluster(connection, topics);
    try {
      await cluster.connect();
      const offsets = new Map<string, readonly PartitionOffsets[]>();
      for (const topic of topics) {
        const starts = from.get(topic) ?? [];
        const found = await cluster.offsets(topic);
        offsets.set(
          topic,
          found.map((one) => ({ ...one, start: Math.max(one.start, starts[one.partition] ?? 0) })),
        );
      }
      return new KafkaTopicReader(cluster, offsets);
    } catch (cause) {
      await cluster.close();
      throw unreadable(`${topics.join(', ')} at ${connection.brokers.join(', ')}`, cause);
    }
  }

  /** Where each topic ends, to read on from there later. */
  ends(): StartOffsets {
    const ends = [...this.#offsets].map(
      ([topic, partitions]) => [topic, partitions.map(({ end }) => end)] as const,
    );
    return new Map(ends);
  }

  /** @throws ClickproofError HOP_UNREADABLE */
  partitions(topic: string): number {
    return this.#of(topic).length;
  }

  /** @throws ClickproofError HOP_UNREADABLE */
  async *records(topic: string): AsyncGenerator<SeenRecord> {
    for await (const records of oneAhead(this.#pages(topic))) yield* records;
  }

  close(): Promise<void> {
    return this.#cluster.close();
  }

  /** What each answer settles. */
  async *#pages(topic: string): AsyncGenerator<readonly SeenRecord[]> {
    for (const { partition, start, end } of this.#of(topic)) {
      const committed = new Committed();
      let deadline: number | undefined;
      for (let next = start; next < end || committed.open > 0; ) {
        const messages = await this.#fetch(topic, partition, next);
        const from = next;
        const settled: SeenRecord[] = [];
        for (const message of messages) {
          const offset = Number(message.offset);
          // An answer begins with the batch that holds the offset, and may go on beyond the end.
          if (offset < from) continue;
          next = offset + 1;
          const entry = entryOf(partition, message);
          if (offset >= end && entry.kind !== 'marker') continue;
          for (const record of committed.take(entry)) settled.push(record);
        }
        yield settled;
        const last = messages.at(-1)?.batchContext;
        // A batch can be shorter than its offsets say: its last record went by compaction.
        if (last) next = Math.max(next, Number(last.firstOffset) + last.lastOffsetDelta + 1);
        const place = `${topic} ${partition}@${next}`;
        if (next < end && next === from) throw unreadable(place, new Error('nothing came'));
        if (next < end || committed.open === 0) continue;
        deadline ??= performance.now() + SETTLES_WITHIN_MS;
        if (performance.now() <= deadline) continue;
        throw unreadable(place, new Error(`a transaction from before ${end} is still open`));
      }
    }
  }

  async #fetch(topic: string, partition: number, offset: number): Promise<readonly RawMessage[]> {
    try {
      return await this.#cluster.fetch(topic, partition, offset);
    } catch (cause) {
      throw unreadable(`${topic} ${partition}@${offset}`, cause);
    }
  }

  #of(topic: string): readonly PartitionOffsets[] {
    const offsets = this.#offsets.get(topic);
    if (!offsets) throw unreadable(topic, new Error('it was not asked for when the reader was opened'));
    return offsets;
  }
}

function entryOf(partition: number, message: RawMessage): LogEntry {
  const { key, value, isControlRecord, batchContext } = message;
  const { producerId, inTransaction } = batchContext;
  if (isControlRecord) {
    return { kind: 'marker', producer: producerId, committed: key?.readInt16BE(2) === COMMIT };
  }
  const { offset, timestamp } = message;
  return {
    kind: 'record',
    producer: inTransaction ? producerId : undefined,
    record: { partition, offset: Number(offset), timestamp: Number(timestamp), key, value },
  };
}

function unreadable(what: string, cause: unknown): ClickproofError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ClickproofError('HOP_UNREADABLE', `Kafka cannot be read (${what}): ${why}`, { cause });
}
