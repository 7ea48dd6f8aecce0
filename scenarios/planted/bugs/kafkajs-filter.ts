import { Kafka, logLevel } from '../../../pipeline/log/kafka/kafkajs.ts';
import type {
  Consumer,
  ConsumerOptions,
  PartitionContext,
  PartitionHandler,
} from '../../../pipeline/log/port.ts';
import { type Bug, withCalls } from './bug.ts';

/** Reads by kafkajs's own consumer, which has its own idea of which records are of aborted transactions. As much of the port as one worker needs. */
export const kafkajsFilter: Bug = {
  log: (log) =>
    withCalls(log, {
      consume(options) {
        return new KafkajsConsumer(options, () => log.partitions(options.topic));
      },
    }),
};

interface Held {
  readonly handler: PartitionHandler;
  /** Undefined until it is claimed. */
  position: number | undefined;
}

class KafkajsConsumer implements Consumer {
  readonly done: Promise<void>;
  readonly #options: ConsumerOptions;
  readonly #consumer;
  readonly #held = new Map<number, Held>();
  readonly #stopping = new AbortController();
  readonly #partitions: () => Promise<number>;

  constructor(options: ConsumerOptions, partitions: () => Promise<number>) {
    this.#options = options;
    this.#partitions = partitions;
    const kafka = new Kafka({ brokers: brokers(), logLevel: logLevel.NOTHING });
    const { group: groupId } = options;
    this.#consumer = kafka.consumer({ groupId, sessionTimeout: 6_000, heartbeatInterval: 1_000 });
    this.done = new Promise((resolve) => this.#stopping.signal.addEventListener('abort', () => resolve()));
    void this.#run().catch((error) => options.onError?.(error, { topic: options.topic, partition: -1 }));
  }

  assignment(): readonly number[] {
    return [...this.#held.keys()];
  }

  async stop(): Promise<void> {
    await this.#consumer.disconnect();
    for (const { handler } of this.#held.values()) await handler.release?.();
    this.#stopping.abort();
  }

  async #run(): Promise<void> {
    const consumer = this.#consumer;
    const { topic, onError } = this.#options;
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, resolveOffset }) => {
        const { partition } = batch;
        const held = this.#of(partition);
        try {
          const context = await this.#context(partition);
          held.position ??= await held.handler.claim(context);
          const records = batch.messages.map(({ key, value, offset, timestamp }) => ({
            ...{ key, value, offset: Number(offset), timestamp: Number(timestamp) },
          }));
          const nextOffset = Number(batch.lastOffset()) + 1;
          await held.handler.process({ topic, partition, records, nextOffset }, context);
          resolveOffset(batch.lastOffset());
        } catch (error) {
          held.position = undefined;
          onError?.(error, { topic, partition });
          throw error;
        }
      },
    });
  }

  #of(partition: number): Held {
    let held = this.#held.get(partition);
    if (held === undefined) {
      held = { handler: this.#options.handler(partition), position: undefined };
      this.#held.set(partition, held);
    }
    return held;
  }

  async #context(partition: number): Promise<PartitionContext> {
    const { group, topic } = this.#options;
    return {
      ...{ topic, partition, partitions: await this.#partitions(), signal: this.#stopping.signal },
      commitOffset: (offset) =>
        this.#consumer.commitOffsets([{ topic, partition, offset: String(offset) }]).catch((cause) => {
          throw new Error(`${group} could not commit`, { cause });
        }),
    };
  }
}

function brokers(): string[] {
  return process.argv[process.argv.indexOf('--kafka-brokers') + 1]!.split(',');
}
