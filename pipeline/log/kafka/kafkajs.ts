import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import type * as kafkajs from 'kafkajs';
import { ClickproofError } from '../../contracts/errors.ts';
import { encodeProduce, isPlain, type ProduceFields } from './wire/produce.ts';

/**
 * The one place that knows kafkajs's insides, which is why the version is pinned. Its producer and admin client are used as they are
 * published. Its consumer is not (docs/decisions/0011-kafka-event-log.md says why): what reads and joins groups here sends the
 * protocol's requests by kafkajs's connections, which are not published.
 */
const require = createRequire(import.meta.url);
const VERSION = '2.2.4';

const { version } = require('kafkajs/package.json') as { version: string };
if (version !== VERSION) {
  throw new ClickproofError('KAFKAJS_VERSION', `clickproof needs kafkajs ${VERSION}, but found ${version}`, {
    remedy: `npm install --save-exact kafkajs@${VERSION}`,
  });
}

/** Puts another function in the place of one that a module of kafkajs exports, for whichever of its modules is loaded later. */
function replace<Exported>(module: string, by: (original: Exported) => Exported): void {
  const path = require.resolve(module);
  const original = require(path) as Exported;
  require.cache[path]!.exports = by(original);
}

/** A request that is written, as kafkajs's connections take it. */
interface Encoded {
  readonly buffer: Buffer;
  size(): number;
}

/** `buf`: its own framing, where that was loaded before it could be replaced, takes for a writer what has one. */
const encoded = (buffer: Buffer): Encoded & { readonly buf: Buffer } => ({
  ...{ buffer, buf: buffer },
  size: () => buffer.length,
});

type ProduceRequest = (fields: ProduceFields) => { encode(): Promise<unknown> };

/**
 * Spares copies. On its way into a request kafkajs copies each byte of a record some ten times, through buffers that double and are
 * zeroed first, and takes its checksum a byte at a step: 105 µs for a record of 12 kB, which take a quarter of that here.
 */
replace<ProduceRequest>('kafkajs/src/protocol/requests/produce/v3/request', (original) => (fields) => {
  const request = original(fields);
  const own = isPlain(fields);
  return own ? { ...request, encode: async () => encoded(encodeProduce(fields)) } : request;
});

interface FramedRequest {
  readonly correlationId: number;
  readonly clientId: string;
  readonly request: { readonly apiKey: number; readonly apiVersion: number; encode(): Promise<Encoded> };
}

replace<(framed: FramedRequest) => Promise<Encoded>>(
  'kafkajs/src/protocol/request',
  () =>
    async ({ correlationId, clientId, request }) => {
      const { buffer: body } = await request.encode();
      const head = newEncoder()
        .writeInt16(request.apiKey)
        .writeInt16(request.apiVersion)
        .writeInt32(correlationId)
        .writeString(clientId).buffer;
      const length = newEncoder().writeInt32(head.length + body.length).buffer;
      return encoded(Buffer.concat([length, head, body]));
    },
);

export const { Kafka, logLevel } = require('kafkajs') as typeof kafkajs;

/** A request as a connection of kafkajs sends it, and how its answer is read. */
export interface ProtocolRequest<Answer> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    encode(): Promise<Encoder>;
  };
  readonly response: {
    /** Gets what follows the correlation id. */
    decode(raw: Buffer): Promise<unknown>;
    parse(decoded: never): Answer | Promise<Answer>;
  };
  readonly requestTimeout?: number | undefined;
  readonly logResponseError?: boolean;
}

/** kafkajs's writer of the protocol's types. */
export interface Encoder {
  readonly buffer: Buffer;
  writeInt8(value: number): Encoder;
  writeInt16(value: number): Encoder;
  writeInt32(value: number): Encoder;
  writeString(value: string | null): Encoder;
  writeBytes(value: Buffer | null): Encoder;
  writeArray(value: readonly (string | number | Encoder)[]): Encoder;
  writeUVarInt(value: number): Encoder;
  writeUVarIntString(value: string | null): Encoder;
}

/** The connections to one broker: one for fetches, one for the rest. */
export interface Broker {
  readonly nodeId: string | number | null;
  readonly versions: Readonly<Record<number, { minVersion: number; maxVersion: number }>> | null;
  readonly connectionPool: {
    getConnection(index: 0 | 1): Promise<unknown>;
    send<Answer>(request: ProtocolRequest<Answer>): Promise<Answer>;
  };
  /** The newest version of a request that both sides know. */
  lookupRequest<Answer>(apiKey: number, definition: unknown): (fields: object) => ProtocolRequest<Answer>;
}

/** The brokers of a cluster as they are known from the latest metadata. */
export interface BrokerPool {
  readonly brokers: Readonly<Record<string, Broker>>;
  refreshMetadata(topics: readonly string[]): Promise<void>;
  findConnectedBroker(): Promise<Broker>;
  findBroker(node: { nodeId: number | string }): Promise<Broker>;
}

export interface Cluster {
  readonly brokerPool: BrokerPool;
  /** Connects to one of the brokers that were named, unless there is a connection already. */
  connect(): Promise<void>;
}

const ClusterClass = require('kafkajs/src/cluster') as new (options: object) => Cluster;
const { createLogger } = require('kafkajs/src/loggers') as {
  createLogger(options: { level: number; logCreator: () => () => void }): unknown;
};
const protocol = require('kafkajs/src/protocol/requests') as { requests: Readonly<Record<string, unknown>> };
const keys = require('kafkajs/src/protocol/requests/apiKeys') as Readonly<Record<string, number>>;
const fetchRequest = require('kafkajs/src/protocol/requests/fetch/v11/request') as (
  fields: object,
) => ProtocolRequest<unknown>['request'];
const EncoderClass = require('kafkajs/src/protocol/encoder') as new () => Encoder;
const { createErrorFromCode } = require('kafkajs/src/protocol/error') as {
  createErrorFromCode(code: number): Error & { type: string; retriable: boolean };
};
const RequestQueue = require('kafkajs/src/network/requestQueue') as {
  prototype: {
    pending: readonly unknown[];
    throttledUntil: number;
    scheduleCheckPendingRequests(): void;
  };
};

/** kafkajs says of everything it meets what it thinks of it; what matters comes as an error anyway. */
const silentLogger = createLogger({ level: 0, logCreator: () => () => {} });

/** The connections to a cluster, none of them made yet. */
export function makeCluster(options: object): Cluster {
  return new ClusterClass({ ...options, logger: silentLogger, allowAutoTopicCreation: false });
}

/** A request of kafkajs's own repertory, in the newest version that the broker knows. */
export function makeRequest<Answer>(
  broker: Broker,
  apiName: string,
  fields: object,
): ProtocolRequest<Answer> {
  return broker.lookupRequest<Answer>(keys[apiName]!, protocol.requests[apiName])(fields);
}

/** The body of a Fetch request of version 11. */
export function makeFetchRequest(fields: object): ProtocolRequest<unknown>['request'] {
  return fetchRequest(fields);
}

export function newEncoder(): Encoder {
  return new EncoderClass();
}

/** An error of the protocol by its number, as kafkajs has it; numbers above 88 are unknown to it. */
export function protocolErrorOf(code: number): Error {
  const error = createErrorFromCode(code);
  return Object.assign(error, { protocolCode: code });
}

/**
 * Mends a timer. After every answer kafkajs looks again at its queue of waiting requests, and the check plans the next check, even of
 * an empty queue, after a negative time: each connection woke the process a thousand times a second for as long as it was open, and
 * Node warned of it (TimeoutNegativeWarning). A check is planned only where something waits.
 */
const { scheduleCheckPendingRequests } = RequestQueue.prototype;
RequestQueue.prototype.scheduleCheckPendingRequests = function (this: typeof RequestQueue.prototype): void {
  if (this.pending.length > 0) scheduleCheckPendingRequests.call(this);
};

/**
 * Mends connections that are made again. kafkajs keeps what had come of an answer when the connection broke, and takes the next
 * connection's answers for its rest: a consumer whose broker died while it sent a large batch never understood another answer. And its
 * listeners act on whatever socket the connection has by then: an old one that was closed late, or was never made, ended what was under
 * way on the new one. So the old socket is done with before there is a new one, and those who connect at the same time share one.
 */
const ConnectionClass = require('kafkajs/src/network/connection') as { prototype: FramedConnection };
const { connect } = ConnectionClass.prototype;
ConnectionClass.prototype.connect = function (this: FramedConnection): Promise<boolean> {
  if (this.isConnected()) return connect.call(this);
  this.connecting ??= connectAnew(this).finally(() => {
    this.connecting = undefined;
  });
  return this.connecting;
};

async function connectAnew(connection: FramedConnection): Promise<boolean> {
  letGo(connection.socket);
  connection.chunks = [];
  connection.bytesBuffered = 0;
  connection.bytesNeeded = LENGTH_BYTES;
  try {
    return await connect.call(connection);
  } catch (error) {
    // One that was not made in time may still be, or fail, much later.
    letGo(connection.socket);
    throw error;
  }
}

/** Ends a socket of which nothing is to be heard any more, except by whoever counts what is open. */
function letGo(socket: Socket | null | undefined): void {
  if (socket == null) return;
  for (const event of HEARD) socket.removeAllListeners(event);
  socket.on('error', () => {}).destroy();
}

const HEARD = ['data', 'end', 'error', 'timeout', 'connect', 'secureConnect'] as const;

/**
 * Lets go of a connection on which an answer has not come in time: where the way is lost without a word, kafkajs would go on to write
 * into it, and to choose that broker, for as long as the system tries to send. What else waits on it fails too, and is asked again.
 */
const { send } = ConnectionClass.prototype;
ConnectionClass.prototype.send = async function <Answer>(
  this: FramedConnection,
  request: ProtocolRequest<Answer>,
): Promise<Answer> {
  const { socket } = this;
  try {
    return await (send<Answer>).call(this, request);
  } catch (error) {
    const late = error instanceof Error && error.name === 'KafkaJSRequestTimeoutError';
    // The first of those that fail together lets go; the next socket is none of the others' business.
    if (late && this.socket === socket && !socket?.destroyed && this.isConnected()) {
      letGo(socket);
      this.rejectRequests(error);
      await this.disconnect();
    }
    throw error;
  }
};

/** Before each answer stands its length. */
const LENGTH_BYTES = 4;

interface FramedConnection {
  readonly socket?: Socket | null;
  connecting?: Promise<boolean> | undefined;
  chunks: Buffer[];
  bytesBuffered: number;
  bytesNeeded: number;
  isConnected(): boolean;
  connect(): Promise<boolean>;
  disconnect(): Promise<boolean>;
  rejectRequests(error: Error): void;
  send<Answer>(request: ProtocolRequest<Answer>): Promise<Answer>;
}
