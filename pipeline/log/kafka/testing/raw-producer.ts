import type { Message, Producer, Transaction } from 'kafkajs';
import { Kafka, logLevel } from '../kafkajs.ts';

/** A producer that does with its transactions what the port does not let one do: leave them open, interleave them, abort them. */
export class RawProducer {
  readonly #producer: Producer;
  #open: Transaction | undefined;

  private constructor(producer: Producer) {
    this.#producer = producer;
  }

  static async connect(address: string, transactionalId?: string): Promise<RawProducer> {
    const kafka = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING });
    const retry = { initialRetryTime: 5, maxRetryTime: 50, retries: 30 };
    const producer = kafka.producer({
      retry,
      allowAutoTopicCreation: false,
      createPartitioner: () => () => 0,
      ...(transactionalId === undefined ? {} : { transactionalId }),
    });
    await producer.connect();
    return new RawProducer(producer);
  }

  /** Writes within a transaction, which begins here unless there is one. */
  async write(topic: string, messages: Message[]): Promise<void> {
    this.#open ??= await this.#producer.transaction();
    await this.#open.send({ topic, messages });
  }

  /** Writes without a transaction. */
  async writePlain(topic: string, messages: Message[]): Promise<void> {
    await this.#producer.send({ topic, messages });
  }

  async end(commit: boolean): Promise<void> {
    const transaction = this.#open;
    this.#open = undefined;
    if (commit) await transaction?.commit();
    else await transaction?.abort();
  }

  async disconnect(): Promise<void> {
    await this.#producer.disconnect();
  }
}
