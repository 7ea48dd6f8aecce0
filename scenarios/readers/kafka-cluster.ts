import { createRequire } from 'node:module';
import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { KafkaConnection } from '../../containers/connections.ts';

/**
 * As much of kafkajs's connections as the checker reads by: fetches that show every record as it lies in the log. Its published consumer
 * hides the markers of transactions, and shows records of aborted ones.
 */
const require = createRequire(import.meta.url);

/** A record as kafkajs decodes it, before it leaves anything out. */
export interface RawMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly isControlRecord: boolean;
  readonly batchContext: {
    readonly producerId: string;
    readonly inTransaction: boolean;
    readonly firstOffset: string;
    readonly lastOffsetDelta: number;
  };
}

export interface PartitionOffsets {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  findTopicPartitionMetadata(topic: string): { readonly partitionId: number }[];
  findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>;
  findBroker(node: { nodeId: string }): Promise<Broker>;
  fetchTopicsOffset(
    topics: readonly { topic: string; partitions: { partition: number }[]; fromBeginning: boolean }[],
  ): Promise<{ topic: string; partitions: { partition: number; offset: string }[] }[]>;
}

interface Broker {
  fetch(request: object): Promise<{
    responses: { partitions: { errorCode: number; messages: RawMessage[] }[] }[];
  }>;
}

const ClusterClass = require('kafkajs/src/cluster') as new (options: object) => Cluster;
const { createLogger } = require('kafkajs/src/loggers') as { createLogger(options: object): unknown };

const READ_UNCOMMITTED = 0;
/** A single larger batch is given whole. */
const FETCH_BYTES = 4 << 20;
const MAX_WAIT_MS = 200;

/** Reads the partitions of some topics as they lie in the log. */
export class KafkaCluster {
  readonly #cluster: Cluster;
  readonly #topics: readonly string[];

  constructor({ brokers, tls = false, sasl }: KafkaConnection, topics: readonly string[]) {
    this.#topics = topics;
    this.#cluster = new ClusterClass({
      brokers: [...brokers],
      ...(tls !== false && { ssl: tls }),
      // A copy: kafkajs writes into it what keeps these credentials.
      ...(sasl && { sasl: { ...sasl } }),
      clientId: 'clickproof-checker',
      logger: createLogger({ level: 0, logCreator: () => () => {} }),
      connectionTimeout: 5_000,
      requestTimeout: 30_000,
      isolationLevel: READ_UNCOMMITTED,
      allowAutoTopicCreation: false,
      metadataMaxAge: 300_000,
      socketFactory: ({ host, port, ssl, onConnect }: Request): Socket =>
        ssl
          ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...ssl }, onConnect)
          : connect({ host, port }, onConnect),
    });
  }

  async connect(): Promise<void> {
    await this.#cluster.connect();
    await this.#cluster.addMultipleTargetTopics(this.#topics);
  }

  /** Where each partition begins, and where it ends now. */
  async offsets(topic: string): Promise<PartitionOffsets[]> {
    const partitions = this.#cluster
      .findTopicPartitionMetadata(topic)
      .map(({ partitionId }) => ({ partition: partitionId }));
    const at = async (fromBeginning: boolean) => {
      const [found] = await this.#cluster.fetchTopicsOffset([{ topic, partitions, fromBeginning }]);
      return new Map(found!.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    };
    const [starts, ends] = [await at(true), await at(false)];
    return partitions
      .map(({ partition }) => ({ partition, start: starts.get(partition)!, end: ends.get(partition)! }))
      .sort((a, b) => a.partition - b.partition);
  }

  /** Everything from an offset on that one answer holds; records before it may come along. */
  async fetch(topic: string, partition: number, fetchOffset: number): Promise<readonly RawMessage[]> {
    const [leader] = Object.keys(this.#cluster.findLeaderForPartitions(topic, [partition]));
    const broker = await this.#cluster.findBroker({ nodeId: leader! });
    const { responses } = await broker.fetch({
      isolationLevel: READ_UNCOMMITTED,
      maxWaitTime: MAX_WAIT_MS,
      minBytes: 1,
      maxBytes: FETCH_BYTES,
      topics: [
        { topic, partitions: [{ partition, fetchOffset: String(fetchOffset), maxBytes: FETCH_BYTES }] },
      ],
    });
    return responses[0]?.partitions[0]?.messages ?? [];
  }

  async close(): Promise<void> {
    await this.#cluster.disconnect();
  }
}

interface Request {
  readonly host: string;
  readonly port: number;
  readonly ssl: ConnectionOptions | undefined;
  readonly onConnect: () => void;
}
