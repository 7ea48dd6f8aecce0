import type { DatabaseSync } from 'node:sqlite';
import { ClickproofError } from '../../contracts/errors.ts';
import { type Diagnostics, silent } from '../../contracts/running.ts';
import type {
  Consumer,
  ConsumerOptions,
  EventLog,
  PartitionEnds,
  RecordBatch,
  TopicSpec,
  TransactionalProducer,
} from '../port.ts';
import { Catalogue, TopicMaker } from './catalogue.ts';
import { GroupConsumer } from './consumer.ts';
import { Cursor } from './cursor.ts';
import { openReader, openWriter } from './database.ts';
import { Maintenance } from './maintenance.ts';
import { Groups } from './membership.ts';
import { EmbeddedProducer, Ledger } from './producer.ts';
import { Reader } from './reader.ts';
import { explained } from './storage-errors.ts';
import { Watcher } from './watcher.ts';
import { closedError, WriteQueue } from './write-queue.ts';

const READ_LIMITS = { maxRecords: 1_000, maxBytes: 4 << 20 };

export interface EmbeddedLogOptions {
  /** The file; its directory is made when it is missing. Beside it lie `-wal` and `-shm`, which belong to it. */
  readonly path: string;
  /**
   * Flush every commit to the disk. Without it a commit survives the death of any process, but not a power failure: the commits
   * since the last checkpoint (at most some 16 MiB) can be lost then, newest first and never half; the file stays sound.
   */
  readonly fsync?: boolean | undefined;
  /** The file's largest size; beyond it commits fail with LOG_FULL. By default the disk's. */
  readonly maxBytes?: number | undefined;
  /** A member of a group that shows no sign of life for so long is taken for dead, ms. */
  readonly sessionTimeoutMs?: number | undefined;
  readonly heartbeatMs?: number | undefined;
  /** How long a batch in hand may take when a consumer stops, before it is told to give up, ms. */
  readonly drainTimeoutMs?: number | undefined;
  /** How long to wait for other processes' writes in all, before LOG_BUSY, ms. */
  readonly busyTimeoutMs?: number | undefined;
  /** How often retention and compaction are looked after, by all processes together, ms. */
  readonly sweepIntervalMs?: number | undefined;
  readonly diagnostics?: Diagnostics | undefined;
}

/**
 * Opens the embedded event log: `node:sqlite`, one file in WAL mode, shared by any number of processes of one machine.
 *
 * How they share it: there is no server and no owner. Readers see the last commit and wait for nobody. Writers take turns by
 * SQLite's write lock, a few ms at a time, and share a turn within a process. Everything that must be agreed on is in the file, under
 * that lock: offsets, epochs of transactional ids, group offsets, members, owners of partitions. A process that dies at any point
 * leaves whole commits or none; its partitions are taken over when its heartbeat is late or its process number is gone.
 *
 * @throws ClickproofError LOG_FOREIGN, LOG_VERSION, LOG_CORRUPT, LOG_UNWRITABLE, LOG_UNSUPPORTED, LOG_BUSY
 */
export function openEmbeddedLog(options: EmbeddedLogOptions): EventLog {
  return explained(options.path, () => new EmbeddedLog(options));
}

class EmbeddedLog implements EventLog {
  readonly kind = 'embedded';
  readonly #path: string;
  readonly #writerDb: DatabaseSync;
  readonly #readerDb: DatabaseSync;
  readonly #reader: Reader;
  readonly #watcher: Watcher;
  readonly #queue: WriteQueue;
  readonly #ledger: Ledger;
  readonly #topics: TopicMaker;
  readonly #groups: Groups;
  readonly #maintenance: Maintenance;
  readonly #timings: { sessionTimeoutMs: number; heartbeatMs: number; drainTimeoutMs: number };
  readonly #consumers = new Set<Consumer>();
  #closing: Promise<void> | undefined;

  constructor(options: EmbeddedLogOptions) {
    const { path, fsync = false, maxBytes, busyTimeoutMs = 15_000, sessionTimeoutMs = 6_000 } = options;
    this.#path = path;
    this.#timings = {
      sessionTimeoutMs,
      heartbeatMs: options.heartbeatMs ?? Math.ceil(sessionTimeoutMs / 6),
      drainTimeoutMs: options.drainTimeoutMs ?? 10_000,
    };
    this.#writerDb = openWriter({ path, fsync, maxBytes, busyTimeoutMs });
    this.#readerDb = openReader(path);
    this.#reader = new Reader(this.#readerDb, new Catalogue(this.#readerDb, path), path);
    this.#watcher = new Watcher(this.#reader);
    this.#queue = new WriteQueue(this.#writerDb, {
      path,
      fsync,
      busyTimeoutMs,
      committed: (bytes) => {
        this.#watcher.wake();
        this.#maintenance.committed(bytes);
      },
    });
    this.#ledger = new Ledger(this.#writerDb);
    this.#topics = new TopicMaker(this.#writerDb);
    this.#groups = new Groups(this.#readerDb, this.#writerDb);
    this.#maintenance = new Maintenance({
      reader: this.#readerDb,
      writer: this.#writerDb,
      queue: this.#queue,
      catalogue: this.#reader.catalogue,
      path,
      intervalMs: options.sweepIntervalMs ?? 30_000,
      diagnostics: options.diagnostics ?? silent,
    });
  }

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    this.#checkOpen();
    this.#maintenance.start();
    await this.#queue.run(() => {
      for (const spec of topics) this.#topics.ensure(spec);
    });
  }

  async partitions(topic: string): Promise<number> {
    this.#checkOpen();
    return this.#reader.catalogue.topic(topic).spec.partitions;
  }

  async ends(topic: string): Promise<PartitionEnds[]> {
    this.#checkOpen();
    return this.#reader.topicEnds(this.#reader.catalogue.topic(topic));
  }

  async committed(group: string, topic: string): Promise<(number | null)[]> {
    this.#checkOpen();
    return this.#reader.committed(group, this.#reader.catalogue.topic(topic));
  }

  async claim(transactionalId: string): Promise<TransactionalProducer> {
    this.#checkOpen();
    if (transactionalId === '') {
      throw new ClickproofError('TRANSACTIONAL_ID_INVALID', 'a transactional id must not be empty');
    }
    this.#maintenance.start();
    const epoch = await this.#queue.run(() => this.#ledger.claim(transactionalId));
    return new EmbeddedProducer(transactionalId, epoch, this.#queue, this.#ledger, this.#reader.catalogue);
  }

  consume(options: ConsumerOptions): Consumer {
    this.#checkOpen();
    this.#maintenance.start();
    const consumer = new GroupConsumer(options, {
      path: this.#path,
      reader: this.#reader,
      watcher: this.#watcher,
      queue: this.#queue,
      groups: this.#groups,
      ledger: this.#ledger,
      ...this.#timings,
    });
    this.#consumers.add(consumer);
    const forget = () => this.#consumers.delete(consumer);
    consumer.done.then(forget, forget);
    return consumer;
  }

  /** There are neither markers nor aborted records here. */
  async lagBetween({ from, to }: { from: number; to: number }): Promise<number> {
    return Math.max(0, to - from);
  }

  async *read(from: {
    topic: string;
    partition: number;
    offset: number;
    to?: number;
  }): AsyncGenerator<RecordBatch> {
    this.#checkOpen();
    const topic = this.#reader.catalogue.topic(from.topic);
    const { end } = this.#reader.checkRange(topic, from.partition, from.offset);
    const to = Math.min(end, from.to ?? end);
    const cursor = new Cursor(this.#reader, topic, from.partition, from.offset, to);
    for (;;) {
      this.#checkOpen();
      const batch = cursor.take(READ_LIMITS);
      if (batch === undefined) return;
      yield batch;
      // Nothing here waits by itself, and a long read must not hold up timers.
      await new Promise(setImmediate);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()));
    await this.#maintenance.stop();
    await this.#queue.close();
    this.#readerDb.close();
    this.#writerDb.close();
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw closedError(this.#path);
  }
}
