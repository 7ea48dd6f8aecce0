import { setTimeout as delay } from 'node:timers/promises';
import type { Producer, Transaction } from 'kafkajs';
import { ClickproofError, hasCode } from '../../contracts/errors.ts';
import type { GroupOffsets, OutRecord, TransactionalProducer } from '../port.ts';
import { RecordTooLarge } from '../record-too-large.ts';
import { explain, isCoordinatorMissing, isFenced, isGone, PROTOCOL, protocolCode } from './errors.ts';
import { Kafka, logLevel } from './kafkajs.ts';
import { clientConfig, type Settings, Sockets } from './options.ts';
import { cutIntoSends } from './sends.ts';
import { BATCH_ALLOWANCE_BYTES, type Topics } from './topics.ts';

/** While the markers of the transaction before are being written the next cannot begin; that takes some milliseconds. */
const RETRY = { initialRetryTime: 5, maxRetryTime: 100, retries: 50 };
/** Half of what a batch may be larger than its topic's largest value; the rest is for what stands around key and value. */
const KEY_ALLOWANCE_BYTES = BATCH_ALLOWANCE_BYTES / 2;
const ABORT_WITHIN_MS = 2_000;
/** A new broker makes the topic of its transactions when the first is asked for; on a busy machine that takes a while. */
const COORDINATOR_WITHIN_MS = 30_000;
const COORDINATOR_AGAIN_MS = 250;

export interface ProducerEnvironment {
  readonly settings: Settings;
  readonly topics: Topics;
  /** Resolves when the markers of a transaction that was committed are written, so that everybody sees it. */
  settled(transactionalId: string, topic: string): Promise<void>;
  /** Told when the producer is closed. */
  closed(producer: KafkaProducer): void;
}

/** Records and offsets in one transaction of Kafka; a producer of kafkajs for each claim. */
export class KafkaProducer implements TransactionalProducer {
  readonly transactionalId: string;
  readonly #env: ProducerEnvironment;
  readonly #sockets: Sockets;
  readonly #producer: Producer;
  #state: 'ready' | 'committing' | 'failed' | 'closed' = 'ready';

  private constructor(
    transactionalId: string,
    env: ProducerEnvironment,
    sockets: Sockets,
    producer: Producer,
  ) {
    this.transactionalId = transactionalId;
    this.#env = env;
    this.#sockets = sockets;
    this.#producer = producer;
  }

  /**
   * Fences the predecessor and ends its transaction. Both are the broker's doing when it is asked for a producer id and epoch, which
   * kafkajs does not before the first transaction begins: hence one that is aborted at once.
   */
  static async claim(transactionalId: string, env: ProducerEnvironment): Promise<KafkaProducer> {
    const deadline = performance.now() + COORDINATOR_WITHIN_MS;
    for (;;) {
      try {
        return await KafkaProducer.#claimOnce(transactionalId, env);
      } catch (error) {
        if (!isCoordinatorMissing(error) || performance.now() > deadline) {
          throw explain(error, env.settings.brokers);
        }
      }
      await delay(COORDINATOR_AGAIN_MS);
    }
  }

  static async #claimOnce(transactionalId: string, env: ProducerEnvironment): Promise<KafkaProducer> {
    const { settings } = env;
    const sockets = new Sockets();
    // A client for each producer: kafkajs shares between those of one client which offsets it believes to be committed.
    const producer = new Kafka({ ...clientConfig(settings, sockets), logLevel: logLevel.NOTHING }).producer({
      transactionalId,
      transactionTimeout: settings.transactionTimeoutMs,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: () => explicitPartition,
      retry: RETRY,
    });
    try {
      await producer.connect();
      const first = await producer.transaction();
      await first.abort();
    } catch (error) {
      sockets.close();
      throw error;
    }
    return new KafkaProducer(transactionalId, env, sockets, producer);
  }

  async commit(transaction: { records: readonly OutRecord[]; offsets?: GroupOffsets }): Promise<void> {
    if (this.#state !== 'ready') {
      throw new ClickproofError(
        'PRODUCER_UNUSABLE',
        `the producer ${this.transactionalId} is ${this.#state}`,
      );
    }
    this.#state = 'committing';
    try {
      await this.#check(transaction);
      if (transaction.records.length > 0 || (transaction.offsets?.offsets.length ?? 0) > 0) {
        await this.#commit(transaction);
      }
      this.#become('ready');
    } catch (error) {
      this.#become('failed');
      // Nothing of it goes on behind the back of whoever claims next.
      this.#sockets.close();
      const unnamed = hasCode(error, 'RECORD_TOO_LARGE') && !(error instanceof RecordTooLarge);
      throw unnamed ? await this.#refused(transaction.records, error) : error;
    }
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#sockets.close();
    this.#env.closed(this);
  }

  /** What the broker would refuse is refused before the transaction begins. */
  async #check({
    records,
    offsets,
  }: {
    records: readonly OutRecord[];
    offsets?: GroupOffsets;
  }): Promise<void> {
    const { topics } = this.#env;
    const names = new Set(records.map(({ topic }) => topic));
    if (offsets !== undefined) names.add(offsets.topic);
    const limits = new Map(
      await Promise.all([...names].map(async (name) => [name, await topics.limits(name)] as const)),
    );
    for (const record of records) {
      const { topic, partition, key, value, timestamp } = record;
      const { partitions, maxRecordBytes, compacted } = limits.get(topic)!;
      if (!(Number.isSafeInteger(partition) && partition >= 0 && partition < partitions)) {
        throw new ClickproofError('PARTITION_MISSING', `topic ${topic} has no partition ${partition}`);
      }
      const bytes = value?.length ?? 0;
      const keyBytes = key?.length ?? 0;
      if (bytes > maxRecordBytes || bytes + keyBytes > maxRecordBytes + KEY_ALLOWANCE_BYTES) {
        throw new RecordTooLarge(
          record,
          `a record of ${bytes} bytes and a key of ${keyBytes} is larger than topic ${topic} takes (${maxRecordBytes})`,
        );
      }
      if (compacted && key === null) {
        throw new ClickproofError('KEY_MISSING', `a record of the compacted topic ${topic} needs a key`);
      }
      if (!(Number.isSafeInteger(timestamp) && timestamp >= 0)) {
        throw new ClickproofError('TIMESTAMP_INVALID', `${timestamp} is no time of a record`);
      }
    }
  }

  /** The broker has not said which record it refused. Its topic takes less than it did: asked again, it says how much. */
  async #refused(records: readonly OutRecord[], cause: unknown): Promise<RecordTooLarge> {
    this.#env.topics.forget(new Set(records.map(({ topic }) => topic)));
    try {
      await this.#check({ records });
    } catch (error) {
      if (error instanceof RecordTooLarge) return error;
    }
    const largest = records.reduce((a, b) => ((b.value?.length ?? 0) > (a.value?.length ?? 0) ? b : a));
    return new RecordTooLarge(largest, 'a record is larger than its topic takes', { cause });
  }

  async #commit({
    records,
    offsets,
  }: {
    records: readonly OutRecord[];
    offsets?: GroupOffsets;
  }): Promise<void> {
    const { settings, topics } = this.#env;
    const transaction = await this.#beforeEnd(undefined, () => this.#producer.transaction());
    await this.#beforeEnd(transaction, async () => {
      const limits = new Map<string, number>();
      for (const { topic } of records) {
        if (!limits.has(topic)) limits.set(topic, (await topics.limits(topic)).maxRecordBytes);
      }
      const maxBatchBytes = (topic: string) => limits.get(topic)! + BATCH_ALLOWANCE_BYTES;
      for (const topicMessages of cutIntoSends(records, maxBatchBytes)) {
        await transaction.sendBatch({ topicMessages, acks: -1, timeout: settings.requestTimeoutMs });
      }
      if (offsets !== undefined && offsets.offsets.length > 0) await sendOffsets(transaction, offsets);
    });
    await this.#end(transaction);
    const topic = records[0]?.topic ?? offsets?.topic;
    await this.#env.settled(this.transactionalId, topic!);
  }

  /** Until the end is asked for nothing is committed, whatever fails. The broker would abort the transaction by itself, but later. */
  async #beforeEnd<Result>(
    transaction: Transaction | undefined,
    step: () => Promise<Result>,
  ): Promise<Result> {
    try {
      return await within(this.#env.settings.transactionTimeoutMs, step());
    } catch (error) {
      if (isGone(error)) throw fenced(this.transactionalId, error);
      if (transaction !== undefined) await within(ABORT_WITHIN_MS, transaction.abort()).catch(() => {});
      if (
        protocolCode(error) === PROTOCOL.messageTooLarge ||
        protocolCode(error) === PROTOCOL.recordListTooLarge
      ) {
        throw new ClickproofError('RECORD_TOO_LARGE', 'a record is larger than its topic takes', {
          cause: error,
        });
      }
      throw explain(error, this.#env.settings.brokers);
    }
  }

  async #end(transaction: Transaction): Promise<void> {
    try {
      await within(this.#env.settings.transactionTimeoutMs, transaction.commit());
    } catch (error) {
      // It was asked once: whoever is fenced then has not committed.
      if (isFenced(error)) throw fenced(this.transactionalId, error);
      throw new ClickproofError(
        'OUTCOME_UNKNOWN',
        `whether the transaction of ${this.transactionalId} was committed is not known`,
        { cause: explain(error, this.#env.settings.brokers) },
      );
    }
  }

  #become(state: 'ready' | 'failed'): void {
    if (this.#state === 'committing') this.#state = state;
  }
}

/** Records always say where they go. */
function explicitPartition({ message }: { message: { partition?: number } }): number {
  return message.partition!;
}

/** kafkajs tries again for records, but not for offsets, while the transaction before is being ended. */
async function sendOffsets(transaction: Transaction, { group, topic, offsets }: GroupOffsets): Promise<void> {
  const partitions = offsets.map(({ partition, offset }) => ({ partition, offset: String(offset) }));
  for (
    let pause = RETRY.initialRetryTime, left = RETRY.retries;
    ;
    pause = Math.min(2 * pause, RETRY.maxRetryTime), left--
  ) {
    try {
      await transaction.sendOffsets({ consumerGroupId: group, topics: [{ topic, partitions }] });
      return;
    } catch (error) {
      if (left === 0 || !OFFSETS_AGAIN.has(protocolCode(error))) throw error;
    }
    await delay(pause * (0.5 + Math.random() / 2));
  }
}

const OFFSETS_AGAIN: ReadonlySet<number | undefined> = new Set([
  PROTOCOL.concurrentTransactions,
  PROTOCOL.coordinatorLoading,
  PROTOCOL.coordinatorNotAvailable,
  PROTOCOL.notCoordinator,
]);

function fenced(transactionalId: string, cause: unknown): ClickproofError {
  return new ClickproofError(
    'FENCED',
    `another producer has claimed ${transactionalId}, or its transaction took too long; nothing was written`,
    { cause },
  );
}

/** The result, or an error when it takes longer. What comes of it later is of no interest. */
async function within<Result>(ms: number, result: Promise<Result>): Promise<Result> {
  const timer = new AbortController();
  const late = delay(ms, undefined, { signal: timer.signal }).then(
    () => Promise.reject(new ClickproofError('KAFKA_UNREACHABLE', `Kafka has not answered for ${ms} ms`)),
    () => new Promise<never>(() => {}),
  );
  try {
    return await Promise.race([result, late]);
  } finally {
    timer.abort();
  }
}
