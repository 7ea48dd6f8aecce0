import { setTimeout as delay } from 'node:timers/promises';
import { ClickproofError } from '../../contracts/errors.ts';
import type {
  Consumer,
  ConsumerOptions,
  EventLog,
  OffsetRange,
  PartitionEnds,
  RecordBatch,
  TopicSpec,
  TransactionalProducer,
} from '../port.ts';
import { GroupConsumer } from './consumer.ts';
import { closedError } from './errors.ts';
import { LagMeter } from './lag-meter.ts';
import { type KafkaLogOptions, type Settings, settle } from './options.ts';
import { topicEnds } from './partition-fetch.ts';
import { KafkaProducer } from './producer.ts';
import { readPartition } from './reader.ts';
import { COORDINATOR, Session } from './session.ts';
import { Topics } from './topics.ts';
import { DESCRIBE_TRANSACTIONS, describeTransactionRequest } from './wire/describe-transactions.ts';

const NOT_COMMITTED = -1;

/**
 * Opens the event log on a Kafka cluster (2.3 and later; made for 4.1). Nothing is connected before it is needed, and what breaks is
 * connected again: every operation says by its error when the cluster does not answer (KAFKA_UNREACHABLE), does not know the user
 * (KAFKA_CREDENTIALS) or forbids it (KAFKA_FORBIDDEN).
 *
 * @example
 * const log = openKafkaLog({ brokers: ['localhost:9092'] });
 */
export function openKafkaLog(options: KafkaLogOptions): EventLog {
  if (options.brokers.length === 0) {
    throw new ClickproofError('KAFKA_BROKERS', 'no broker of Kafka is named', {
      remedy: 'name one as host:port',
    });
  }
  return new KafkaLog(settle(options));
}

class KafkaLog implements EventLog {
  readonly kind = 'kafka';
  readonly #settings: Settings;
  readonly #session: Session;
  readonly #topics: Topics;
  readonly #lag: LagMeter;
  readonly #consumers = new Set<Consumer>();
  readonly #producers = new Set<KafkaProducer>();
  #closing: Promise<void> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#session = new Session(settings);
    this.#topics = new Topics(settings);
    this.#lag = new LagMeter(this.#session);
  }

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    this.#checkOpen();
    await this.#topics.ensure(topics);
  }

  async partitions(topic: string): Promise<number> {
    this.#checkOpen();
    return this.#session.ask(() => this.#session.partitions(topic));
  }

  async ends(topic: string): Promise<PartitionEnds[]> {
    this.#checkOpen();
    return topicEnds(this.#session, topic);
  }

  async committed(group: string, topic: string): Promise<(number | null)[]> {
    this.#checkOpen();
    return this.#session.ask(async () => {
      const partitions = await this.#session.partitions(topic);
      const coordinator = await this.#session.coordinator(group, COORDINATOR.group);
      const { responses } = await this.#session.send<{
        responses: { partitions: { partition: number; offset: string }[] }[];
      }>(coordinator, 'OffsetFetch', {
        groupId: group,
        topics: [
          { topic, partitions: Array.from({ length: partitions }, (_, partition) => ({ partition })) },
        ],
      });
      const offsets = new Array<number | null>(partitions).fill(null);
      for (const { partition, offset } of responses.flatMap((response) => response.partitions)) {
        if (Number(offset) !== NOT_COMMITTED) offsets[partition] = Number(offset);
      }
      return offsets;
    });
  }

  async claim(transactionalId: string): Promise<TransactionalProducer> {
    this.#checkOpen();
    if (transactionalId === '') {
      throw new ClickproofError('TRANSACTIONAL_ID_INVALID', 'a transactional id must not be empty');
    }
    const producer = await KafkaProducer.claim(transactionalId, {
      settings: this.#settings,
      topics: this.#topics,
      settled: (id, topic) => this.#settled(id, topic),
      closed: (one) => this.#producers.delete(one),
    });
    this.#producers.add(producer);
    if (this.#closing !== undefined) {
      await producer.close();
      throw closedError();
    }
    return producer;
  }

  consume(options: ConsumerOptions): Consumer {
    this.#checkOpen();
    const consumer = new GroupConsumer(options, this.#session);
    this.#consumers.add(consumer);
    void consumer.done.catch(() => {}).finally(() => this.#consumers.delete(consumer));
    return consumer;
  }

  read(from: { topic: string; partition: number; offset: number; to?: number }): AsyncIterable<RecordBatch> {
    this.#checkOpen();
    return readPartition(this.#session, from);
  }

  lagBetween(range: OffsetRange): Promise<number> {
    this.#checkOpen();
    return this.#lag.between(range);
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await Promise.all([...this.#consumers].map((consumer) => consumer.stop()));
      await Promise.all([...this.#producers].map((producer) => producer.close()));
      this.#topics.close();
      this.#session.close();
    })();
    return this.#closing;
  }

  /**
   * A broker answers that a transaction is committed when that is decided. Readers see it a few milliseconds later, when the markers are
   * written, and only then can the next one begin. Whoever commits waits for that here, rather than by being refused the next time.
   */
  async #settled(transactionalId: string, topic: string): Promise<void> {
    const session = this.#session;
    const deadline = performance.now() + this.#settings.requestTimeoutMs;
    try {
      await session.leaders(topic);
      for (let pause = 1; performance.now() < deadline; pause = Math.min(pause * 1.5, 50)) {
        const coordinator = await session.coordinator(transactionalId, COORDINATOR.transaction);
        if (coordinator.versions?.[DESCRIBE_TRANSACTIONS] === undefined) return;
        if (
          (await session.sendRaw(coordinator, describeTransactionRequest(transactionalId))) !==
          'PrepareCommit'
        )
          return;
        await delay(pause);
      }
    } catch {
      // It is committed, seen or not.
      session.forget();
    }
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw closedError();
  }
}
