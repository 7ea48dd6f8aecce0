import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { KafkaConfig, SASLOptions } from 'kafkajs';

/** How the event log on Kafka is reached, and its times. */
export interface KafkaLogOptions {
  /** `host:port` of some brokers; the others are learned from them. */
  readonly brokers: readonly string[];
  /** Shown in the broker's logs, metrics and quotas. */
  readonly clientId?: string | undefined;
  /** True: TLS with the system's certificate authorities; or the details, as `node:tls` has them. */
  readonly tls?: boolean | ConnectionOptions | undefined;
  readonly sasl?: SASLOptions | undefined;
  /** Copies of each partition of a topic that is created. By default what the broker has set. */
  readonly replicationFactor?: number | undefined;
  /** More settings of topics that are created, such as `min.insync.replicas`. Topics that are there are not checked for them. */
  readonly topicConfig?: Readonly<Record<string, string>> | undefined;
  /** A member of a group that shows no sign of life for so long is taken for dead, ms. */
  readonly sessionTimeoutMs?: number | undefined;
  readonly heartbeatMs?: number | undefined;
  /** How long the group waits for its members when partitions are shared out anew, ms. */
  readonly rebalanceTimeoutMs?: number | undefined;
  /** A transaction that is open for longer is ended by the broker, ms. */
  readonly transactionTimeoutMs?: number | undefined;
  /** How long a batch in hand may take when a consumer stops, before it is told to give up, ms. */
  readonly drainTimeoutMs?: number | undefined;
  /** How long an answer of a broker is waited for, ms. */
  readonly requestTimeoutMs?: number | undefined;
}

/** The same with every time settled. */
export interface Settings {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly tls: boolean | ConnectionOptions;
  readonly sasl: SASLOptions | undefined;
  readonly replicationFactor: number | undefined;
  readonly topicConfig: Readonly<Record<string, string>>;
  readonly sessionTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly transactionTimeoutMs: number;
  readonly drainTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

export function settle(options: KafkaLogOptions): Settings {
  const sessionTimeoutMs = options.sessionTimeoutMs ?? 6_000;
  return {
    brokers: options.brokers,
    clientId: options.clientId ?? 'clickproof',
    tls: options.tls ?? false,
    sasl: options.sasl,
    replicationFactor: options.replicationFactor,
    topicConfig: options.topicConfig ?? {},
    sessionTimeoutMs,
    heartbeatMs: options.heartbeatMs ?? Math.min(1_000, Math.ceil(sessionTimeoutMs / 6)),
    rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? 15_000,
    transactionTimeoutMs: options.transactionTimeoutMs ?? 15_000,
    drainTimeoutMs: options.drainTimeoutMs ?? 10_000,
    requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
  };
}

/** The sockets of one client. kafkajs waits for answers before it lets a connection go; this does not. */
export class Sockets {
  readonly #open = new Set<Socket>();
  #closed = false;

  /** For kafkajs's `socketFactory`. */
  readonly make = (request: {
    host: string;
    port: number;
    ssl: ConnectionOptions;
    onConnect: () => void;
  }): Socket => {
    const { host, port, ssl, onConnect } = request;
    if (this.#closed) throw new Error('the client is closed');
    const socket = ssl
      ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect)
      : connectTcp({ host, port }, onConnect);
    socket.setNoDelay(true).setKeepAlive(true, 60_000);
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    return socket;
  };

  /** Ends all connections at once; whatever waits for an answer on them fails, and no new one is made. */
  close(): void {
    this.#closed = true;
    for (const socket of this.#open) socket.destroy(new Error('the client is closed'));
  }
}

/** What every client of kafkajs is made with. */
export function clientConfig(settings: Settings, sockets: Sockets) {
  return {
    brokers: [...settings.brokers],
    clientId: settings.clientId,
    ...(settings.tls === false ? {} : { ssl: settings.tls }),
    // A copy: kafkajs writes into it what keeps these credentials, also for whoever copies and changes it later.
    ...(settings.sasl === undefined ? {} : { sasl: { ...settings.sasl } }),
    connectionTimeout: 3_000,
    requestTimeout: settings.requestTimeoutMs,
    enforceRequestTimeout: true,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 4 },
    socketFactory: sockets.make,
  } satisfies KafkaConfig;
}
