import { setTimeout as delay } from 'node:timers/promises';
import { closedError, explain, isTransient, PROTOCOL, protocolCode, topicMissing } from './errors.ts';
import { type Broker, type Cluster, makeCluster, makeRequest, type ProtocolRequest } from './kafkajs.ts';
import { clientConfig, type Settings, Sockets } from './options.ts';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/** What a coordinator coordinates. */
export const COORDINATOR = { group: 0, transaction: 1 } as const;
type CoordinatorType = (typeof COORDINATOR)[keyof typeof COORDINATOR];

interface MetadataAnswer {
  readonly topicMetadata: readonly {
    readonly topic: string;
    readonly partitionMetadata: readonly { readonly partitionId: number; readonly leader: number }[];
  }[];
}

/**
 * A set of connections to the cluster: who leads a partition, who coordinates a group, and requests to them. Made when they are
 * needed, made again after they broke.
 *
 * A broker answers the requests of one connection one after another, and one to join a group can take many seconds: every consumer has
 * a session of its own.
 */
export class Session {
  readonly settings: Settings;
  readonly #sockets = new Sockets();
  readonly #cluster: Cluster;
  /** Leaders by partition. */
  readonly #leaders = new Map<string, readonly number[]>();
  readonly #coordinators = new Map<string, number>();
  /** A topic that is there: what to ask for when it is only about the brokers. */
  #topic: string | undefined;
  /** The brokers' addresses are to be learned again. */
  #stale = true;
  #refreshing: Promise<void> | undefined;
  #closed = false;

  constructor(settings: Settings) {
    this.settings = settings;
    this.#cluster = makeCluster(clientConfig(settings, this.#sockets));
  }

  /** How many partitions a topic has. @throws ClickproofError TOPIC_MISSING */
  async partitions(topic: string): Promise<number> {
    return (await this.leaders(topic)).length;
  }

  /** The node that leads each partition; -1: none. Remembered until `forget`. @throws ClickproofError TOPIC_MISSING */
  async leaders(topic: string): Promise<readonly number[]> {
    const known = this.#leaders.get(topic);
    if (known !== undefined) return known;
    const broker = await this.#anyBroker();
    let answer: MetadataAnswer;
    try {
      answer = await this.send<MetadataAnswer>(broker, 'Metadata', {
        topics: [topic],
        allowAutoTopicCreation: false,
      });
    } catch (error) {
      throw protocolCode(error) === PROTOCOL.unknownTopicOrPartition ? topicMissing(topic) : error;
    }
    const found = answer.topicMetadata.find((one) => one.topic === topic);
    if (found === undefined || found.partitionMetadata.length === 0) throw topicMissing(topic);
    const leaders = found.partitionMetadata
      .toSorted((a, b) => a.partitionId - b.partitionId)
      .map(({ leader }) => leader);
    this.#topic = topic;
    this.#leaders.set(topic, leaders);
    return leaders;
  }

  /** A broker by its number. */
  async node(id: number): Promise<Broker> {
    if (this.#stale || this.#cluster.brokerPool.brokers[id] === undefined) await this.#refresh();
    return this.#cluster.brokerPool.findBroker({ nodeId: id });
  }

  /** The broker that coordinates a group or a transactional id. Remembered until `forget`. */
  async coordinator(id: string, coordinatorType: CoordinatorType): Promise<Broker> {
    const key = `${coordinatorType} ${id}`;
    let node = this.#coordinators.get(key);
    if (node === undefined) {
      const { coordinator } = await this.send<{ coordinator: { nodeId: number } }>(
        await this.#anyBroker(),
        'GroupCoordinator',
        { groupId: id, coordinatorType },
      );
      node = coordinator.nodeId;
      this.#coordinators.set(key, node);
    }
    return this.node(node);
  }

  /** Forgets who leads and who coordinates, after somebody said that it is not they. */
  forget(): void {
    this.#stale = true;
    this.#leaders.clear();
    this.#coordinators.clear();
  }

  /** Sends a request of kafkajs's repertory, in the newest version that both sides know. */
  send<Answer>(broker: Broker, apiName: string, fields: object): Promise<Answer> {
    return this.sendRaw(broker, makeRequest<Answer>(broker, apiName, fields));
  }

  async sendRaw<Answer>(broker: Broker, request: ProtocolRequest<Answer>): Promise<Answer> {
    if (this.#closed) throw closedError();
    try {
      return await broker.connectionPool.send(request);
    } catch (error) {
      if (this.#closed) throw closedError();
      throw error;
    }
  }

  /**
   * Asks, and asks again while the cluster is not settled or not there.
   *
   * @throws ClickproofError KAFKA_UNREACHABLE, KAFKA_CREDENTIALS, KAFKA_FORBIDDEN, KAFKA_ERROR
   */
  async ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    // One that is not answered in time is asked once more: a busy broker is no broken one.
    const deadline = performance.now() + 2 * this.settings.requestTimeoutMs;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        if (this.#closed) throw closedError();
        return await question();
      } catch (error) {
        if (!isTransient(error) || performance.now() > deadline) throw explain(error, this.settings.brokers);
        this.forget();
      }
      await delay(pause * (0.5 + Math.random() / 2));
    }
  }

  close(): void {
    this.#closed = true;
    this.#sockets.close();
  }

  async #anyBroker(): Promise<Broker> {
    if (this.#closed) throw closedError();
    await this.#cluster.connect();
    return this.#cluster.brokerPool.findConnectedBroker();
  }

  /** Learns which brokers there are. One at a time: two would make two sets of connections. */
  async #refresh(): Promise<void> {
    this.#refreshing ??= this.#cluster.brokerPool
      // Asked of no topic, the broker would list all.
      .refreshMetadata(this.#topic === undefined ? [] : [this.#topic])
      .then(() => {
        this.#stale = false;
      })
      .finally(() => {
        this.#refreshing = undefined;
      });
    await this.#refreshing;
  }
}
