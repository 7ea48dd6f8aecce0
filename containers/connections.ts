import type { SASLOptions } from 'kafkajs';

/** How the servers of a stack are reached. `ca`: certificates (PEM) that are trusted, in place of the usual ones. */

export interface KafkaConnection {
  /** `host:port` of some brokers. */
  readonly brokers: readonly string[];
  /** True: by TLS with the usual certificate authorities. */
  readonly tls?: boolean | { readonly ca: string[] };
  readonly sasl?: SASLOptions | undefined;
}

export interface RedisConnection {
  /** With user and password, where there are any. */
  readonly url: string;
  readonly cluster?: boolean;
  readonly ca?: readonly string[] | undefined;
}

export interface HttpConnection {
  readonly url: string;
  /** Empty: none is needed. */
  readonly user?: string;
  readonly password?: string;
  readonly ca?: readonly string[] | undefined;
}

export interface ClickHouseConnection extends HttpConnection {
  readonly database: string;
}

export interface ElasticsearchConnection extends HttpConnection {
  /** What queries read. */
  readonly alias: string;
  /** Encoded as Elasticsearch gives it; in place of user and password. */
  readonly apiKey?: string;
}
