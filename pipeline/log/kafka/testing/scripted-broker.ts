import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { encodeAssignment } from '../group/subscription.ts';
import { newEncoder } from '../kafkajs.ts';
import { ByteReader } from '../wire/byte-reader.ts';
import { encodeProduce } from '../wire/produce.ts';

/** Numbers of the requests that are scripted. */
export const API = {
  ...{ fetch: 1, listOffsets: 2, metadata: 3, coordinator: 10, join: 11, heartbeat: 12, sync: 14 },
  apiVersions: 18,
} as const;

/** In which version each is to be asked. */
const VERSIONS: readonly (readonly [number, number])[] = [
  [API.fetch, 11],
  [API.listOffsets, 2],
  [API.metadata, 4],
  [API.coordinator, 0],
  [API.join, 0],
  [API.heartbeat, 1],
  [API.sync, 0],
  [API.apiVersions, 2],
];

/** A request as it has come. */
export interface ScriptedRequest {
  readonly apiKey: number;
  /** What follows the header. */
  readonly body: Buffer;
  readonly socket: Socket;
  /** @param body what follows the correlation id */
  answer(body: Buffer): void;
}

/** A server that speaks as much of Kafka's protocol as a test gives it, and is silent where the test wants it. */
export class ScriptedBroker {
  readonly nodeId: number;
  /** More brokers of the same cluster, which are asked for the topic as well. */
  readonly #peers: ScriptedBroker[] = [];
  readonly topic = 'topic';
  /** Leaders of the topic's partitions, -1: none; empty: there is no such topic. */
  leaders: readonly number[];
  /** All that have come. */
  readonly requests: ScriptedRequest[] = [];
  readonly sockets = new Set<Socket>();
  readonly #scripts = new Map<number, (request: ScriptedRequest) => void>([
    [API.apiVersions, ({ answer }) => answer(apiVersions())],
    [API.metadata, ({ answer }) => answer(this.metadata())],
    [API.coordinator, ({ answer }) => answer(this.#coordinator())],
  ]);
  #came = Promise.withResolvers<void>();
  readonly #server = createServer((socket) => this.#serve(socket));

  private constructor(nodeId: number) {
    this.nodeId = nodeId;
    this.leaders = [nodeId];
  }

  static async listen(nodeId = 1): Promise<ScriptedBroker> {
    const broker = new ScriptedBroker(nodeId);
    broker.#server.listen(0, '127.0.0.1');
    await once(broker.#server, 'listening');
    return broker;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Makes this one known as another broker of the cluster, which answers as this one what there is. */
  join(peer: ScriptedBroker): void {
    this.#peers.push(peer);
    peer.on(API.metadata, ({ answer }) => answer(this.metadata()));
  }

  /** What is to be done with requests of a kind; those of others are not answered. */
  on(apiKey: number, script: (request: ScriptedRequest) => void): void {
    this.#scripts.set(apiKey, script);
  }

  /** Resolves with the requests of a kind when there are so many. */
  async asked(apiKey: number, count = 1): Promise<readonly ScriptedRequest[]> {
    for (;;) {
      const found = this.requests.filter((request) => request.apiKey === apiKey);
      if (found.length >= count) return found;
      await this.#came.promise;
    }
  }

  close(): void {
    this.#server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.sockets.delete(socket));
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
        const frame = rest.subarray(4, 4 + rest.readInt32BE(0));
        rest = rest.subarray(4 + frame.length);
        this.#receive(socket, frame);
      }
    });
  }

  #receive(socket: Socket, frame: Buffer): void {
    const correlationId = frame.subarray(4, 8);
    const request: ScriptedRequest = {
      apiKey: frame.readInt16BE(0),
      body: frame.subarray(10 + frame.readInt16BE(8)),
      socket,
      answer(body) {
        const length = newEncoder().writeInt32(correlationId.length + body.length).buffer;
        socket.write(Buffer.concat([length, correlationId, body]));
      },
    };
    this.requests.push(request);
    this.#came.resolve();
    this.#came = Promise.withResolvers();
    this.#scripts.get(request.apiKey)?.(request);
  }

  #coordinator(): Buffer {
    return newEncoder().writeInt16(0).writeInt32(this.nodeId).writeString('127.0.0.1').writeInt32(this.#port)
      .buffer;
  }

  /** The answer that the topic is as it is now. */
  metadata(): Buffer {
    const { nodeId, topic, leaders } = this;
    const brokers = [this, ...this.#peers].map((one) =>
      newEncoder().writeInt32(one.nodeId).writeString('127.0.0.1').writeInt32(one.#port).writeString(null),
    );
    const partitions = leaders.map((leader, partition) =>
      newEncoder()
        .writeInt16(leader === -1 ? LEADER_NOT_AVAILABLE : 0)
        .writeInt32(partition)
        .writeInt32(leader)
        .writeArray([])
        .writeArray([]),
    );
    const described = newEncoder()
      .writeInt16(leaders.length === 0 ? UNKNOWN_TOPIC : 0)
      .writeString(topic)
      .writeInt8(0)
      .writeArray(partitions);
    return newEncoder()
      .writeInt32(NO_THROTTLE)
      .writeArray(brokers)
      .writeString(null)
      .writeInt32(nodeId)
      .writeArray([described]).buffer;
  }
}

const NO_THROTTLE = 0;
const UNKNOWN_TOPIC = 3;
const LEADER_NOT_AVAILABLE = 5;

function apiVersions(): Buffer {
  const versions = VERSIONS.map(([key, version]) =>
    newEncoder().writeInt16(key).writeInt16(version).writeInt16(version),
  );
  return newEncoder().writeInt16(0).writeArray(versions).writeInt32(NO_THROTTLE).buffer;
}

/** The answer to a heartbeat; by default it finds the member as it was. */
export function heartbeatAnswer(error = 0): Buffer {
  return newEncoder().writeInt32(NO_THROTTLE).writeInt16(error).buffer;
}

/** The answer to a member that has joined, while another one leads the group. */
export function joinAnswer(): Buffer {
  const [generation, protocol, leader, member] = [1, 'protocol', 'leader', 'member'];
  const named = newEncoder().writeInt16(0).writeInt32(generation).writeString(protocol).writeString(leader);
  return named.writeString(member).writeArray([]).buffer;
}

export function syncAnswer(topic: string, partitions: readonly number[]): Buffer {
  return newEncoder().writeInt16(0).writeBytes(encodeAssignment(topic, partitions)).buffer;
}

/** The answer that a topic's only partition begins and ends at nought. */
export function offsetsAnswer(topic: string): Buffer {
  const partition = newEncoder().writeInt32(0).writeInt16(0).writeInt32(0).writeInt32(0);
  const found = newEncoder()
    .writeString(topic)
    .writeArray([partition.writeInt32(0).writeInt32(0)]);
  return newEncoder().writeInt32(NO_THROTTLE).writeArray([found]).buffer;
}

/** Which partitions of its one topic a fetch asks for, in its order. */
export function fetchedPartitions({ body }: ScriptedRequest): number[] {
  const reader = new ByteReader(body);
  // Replica, time, bytes, isolation, session, topics.
  reader.skip(4 * 4 + 1 + 2 * 4 + 4);
  reader.string();
  return Array.from({ length: reader.int32() }, () => {
    const partition = reader.int32();
    // Epoch, offset, start, bytes.
    reader.skip(4 + 8 + 8 + 4);
    return partition;
  });
}

/** One record, the first of its partition, as a broker keeps it. */
export function recordSet(value: string): Buffer {
  const messages = [{ key: null, value: Buffer.from(value), timestamp: '0' }];
  const topicData = [{ topic: '', partitions: [{ partition: 0, messages }] }];
  // Transactional id, acks, time, topics, an empty name, partitions, a number, the length.
  return encodeProduce({ acks: -1, timeout: 0, topicData }).subarray(2 + 2 + 4 + 4 + 2 + 4 + 4 + 4);
}

/** The answer to a fetch of one partition: its records, or why there are none, by the protocol's number. */
export function fetchAnswer(
  topic: string,
  {
    error = 0,
    partition: number = 0,
    set = Buffer.alloc(0),
  }: { error?: number; partition?: number; set?: Buffer },
): Buffer {
  const partition = newEncoder().writeInt32(number).writeInt16(error);
  // High watermark, last stable offset, start.
  for (let word = 0; word < 6; word++) partition.writeInt32(0);
  const fetched = newEncoder()
    .writeString(topic)
    .writeArray([partition.writeArray([]).writeInt32(-1).writeBytes(set)]);
  return newEncoder().writeInt32(NO_THROTTLE).writeInt16(0).writeInt32(0).writeArray([fetched]).buffer;
}

/** The answer to a fetch in which nothing has come of any partition. */
export function emptyFetchAnswer(): Buffer {
  return newEncoder().writeInt32(NO_THROTTLE).writeInt16(0).writeInt32(0).writeArray([]).buffer;
}
