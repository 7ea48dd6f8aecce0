import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Consumer } from 'kafkajs';
import { expect, vi } from 'vitest';
import type { FilebeatEnvelope } from '../../pipeline/contracts/envelope.ts';
import { silent } from '../../pipeline/contracts/running.ts';
import type { EventLog } from '../../pipeline/log/index.ts';
import { openKafkaLog } from '../../pipeline/log/kafka/index.ts';
import { type Shipper, shipperSettings, startShipper } from '../../pipeline/shipper/index.ts';
import {
  type ContainerContext,
  closeNetwork,
  openNetwork,
  startFilebeatShipper,
  startKafka,
} from '../definitions/index.ts';
import type { Engine } from '../engine/index.ts';
import { testRun } from '../testing/engine.ts';
import { createTopic, kafkaClient, type TestRecord } from '../testing/kafka.ts';

const PARTITIONS = 3;
const TOPICS = { raw: 'raw_built_in', failed: 'failed', shipperState: 'state' };
const FILEBEAT_TOPIC = 'raw_filebeat';
const MAX_RECORD_BYTES = 16_777_216;

/** A line as one of the two shipped it. */
export interface Shipped {
  readonly envelope: FilebeatEnvelope;
  readonly record: TestRecord;
}

/** Filebeat and the built-in shipper on the same files, each with a topic of its own on one Kafka. */
export class Shippers implements AsyncDisposable {
  readonly logFile: string;
  readonly #folder: string;
  readonly #context: ContainerContext;
  readonly #log: EventLog;
  readonly #shipper: Shipper;
  readonly #topics: readonly Follower[];

  private constructor(
    context: ContainerContext,
    folder: string,
    log: EventLog,
    shipper: Shipper,
    topics: readonly Follower[],
  ) {
    this.#context = context;
    this.#folder = folder;
    this.#log = log;
    this.#shipper = shipper;
    this.#topics = topics;
    this.logFile = join(folder, 'access', 'tracking.log');
  }

  static async start(engine: Engine): Promise<Shippers> {
    const folder = mkdtempSync(join(tmpdir(), 'clickproof-shippers-'));
    const logDirectory = join(folder, 'access');
    mkdirSync(logDirectory);
    const context = await openNetwork(engine, testRun('shippers'));
    try {
      const { broker } = await startKafka(context);
      await createTopic(broker, FILEBEAT_TOPIC, PARTITIONS);
      const log = openKafkaLog({ brokers: [broker] });
      await log.ensureTopics([
        { name: TOPICS.raw, partitions: PARTITIONS, cleanup: 'delete', maxRecordBytes: MAX_RECORD_BYTES },
        { name: TOPICS.failed, partitions: 1, cleanup: 'delete', maxRecordBytes: MAX_RECORD_BYTES },
        { name: TOPICS.shipperState, partitions: 1, cleanup: 'compact', maxRecordBytes: MAX_RECORD_BYTES },
      ]);
      const logFile = join(logDirectory, 'tracking.log');
      const [shipper] = await Promise.all([
        startShipper(shipperSettings.parse({ id: 'conformance', logFile, scanInterval: 100 }), {
          log,
          topics: TOPICS,
          diagnostics: silent,
        }),
        startFilebeatShipper(context, { logDirectory, topic: FILEBEAT_TOPIC }),
      ]);
      const topics = await Promise.all(
        [FILEBEAT_TOPIC, TOPICS.raw].map((topic) => Follower.start(broker, topic)),
      );
      return new Shippers(context, folder, log, shipper, topics);
    } catch (error) {
      await closeNetwork(context);
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Lines that came since it was asked last, once each has shipped so many of them. */
  async next(lines: number): Promise<{ filebeat: Shipped[]; builtIn: Shipped[] }> {
    const [filebeat, builtIn] = await Promise.all(this.#topics.map((topic) => topic.next(lines)));
    return { filebeat: filebeat!, builtIn: builtIn! };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#topics.map((topic) => topic.stop()));
    await this.#shipper.stop();
    await this.#log.close();
    await closeNetwork(this.#context);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Reads a topic as it grows. */
class Follower {
  readonly #topic: string;
  readonly #consumer: Consumer;
  #records: TestRecord[] = [];

  private constructor(topic: string, consumer: Consumer) {
    this.#topic = topic;
    this.#consumer = consumer;
  }

  static async start(broker: string, topic: string): Promise<Follower> {
    const consumer = kafkaClient(broker).consumer({
      groupId: `follower-of-${topic}`,
      maxBytesPerPartition: MAX_RECORD_BYTES,
    });
    const follower = new Follower(topic, consumer);
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message, partition }) => {
        follower.#records.push({
          key: message.key?.toString('latin1') ?? null,
          value: String(message.value),
          partition,
          timestamp: Number(message.timestamp),
        });
      },
    });
    return follower;
  }

  async next(count: number): Promise<Shipped[]> {
    await vi.waitFor(() => expect(this.#records.length, this.#topic).toBeGreaterThanOrEqual(count), {
      timeout: 30_000,
      interval: 20,
    });
    const records = this.#records;
    this.#records = [];
    return records.map((record) => ({ envelope: JSON.parse(record.value) as FilebeatEnvelope, record }));
  }

  stop(): Promise<void> {
    return this.#consumer.disconnect();
  }
}
