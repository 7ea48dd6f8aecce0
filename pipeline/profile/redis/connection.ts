import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster, Redis } from 'ioredis';
import { certificatesOf } from '../../contracts/certificates.ts';
import { ClickproofError } from '../../contracts/errors.ts';
import type { Diagnostics } from '../../contracts/running.ts';
import { explained, isPassing } from './errors.ts';
import type { RedisStoreSettings } from './settings.ts';

export type RedisClient = Redis | Cluster;

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

/**
 * A connection that comes back. What is run over it is run again, with pauses that grow, when the connection is lost, when there is no
 * answer in time, or when the server is not ready for it; so it must be something that can be run twice.
 */
export class RedisConnection {
  readonly client: RedisClient;
  /** Without the password. */
  readonly name: string;
  readonly #patienceMs: number;
  readonly #diagnostics: Diagnostics;
  /** Why there is no connection, as far as is known. */
  #trouble: Error | undefined;
  #wasReady = false;
  /** Whoever waits for the connection: one for each partition in an outage, more than an emitter takes for listeners without a warning. */
  readonly #waiting = new Set<() => void>();
  #closed = false;

  constructor(settings: RedisStoreSettings, diagnostics: Diagnostics) {
    const url = new URL(settings.redisUrl);
    this.name = `${url.protocol}//${url.host}${url.pathname}`;
    this.#patienceMs = settings.redisPatience;
    this.#diagnostics = diagnostics;
    this.client = connect(url, settings);
    this.client.on('error', (error: Error) => {
      this.#trouble = error;
    });
    this.client.on('ready', () => {
      this.#trouble = undefined;
      this.#wasReady = true;
      for (const wake of this.#waiting) wake();
    });
  }

  /** @throws ClickproofError REDIS_UNREACHABLE after `patienceMs`; at once what only a person can mend (see `errors.ts`). */
  async run<T>(work: (client: RedisClient) => Promise<T>, patienceMs = this.#patienceMs): Promise<T> {
    const deadline = performance.now() + patienceMs;
    let pause = FIRST_PAUSE_MS;
    let said = false;
    for (;;) {
      await this.#ready(pause);
      try {
        const result = await work(this.client);
        if (said) this.#diagnostics.info('Redis answers again', { redis: this.name });
        return result;
      } catch (error) {
        const cause = this.#causeOf(error);
        if (!isPassing(cause)) throw explained(cause, this.name);
        if (this.#closed || performance.now() + pause > deadline) throw unreachable(this.name, cause);
        if (this.#wasReady && !said) {
          said = true;
          this.#diagnostics.warn('Redis did not answer; asking again', {
            redis: this.name,
            error: cause.message,
          });
        }
        // Behind an answer that does not come others would wait for ever; a replica stays one.
        if (isTimeout(cause) || cause.message.startsWith('READONLY')) this.client.disconnect(true);
        else if (this.client.status === 'ready') await sleep(pause * (1 - Math.random() / 2));
        pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
      }
    }
  }

  close(): void {
    this.#closed = true;
    this.client.disconnect();
  }

  /** Waits for the connection, but not for long. */
  async #ready(ms: number): Promise<void> {
    if (this.client.status === 'ready' || this.#closed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#waiting.add(resolve);
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(resolve);
  }

  /** While there is no connection, what happened to it says more than that there is none. */
  #causeOf(error: unknown): Error {
    const known = error instanceof Error ? error : new Error(String(error));
    return this.client.status === 'ready' ? known : (this.#trouble ?? known);
  }
}

function unreachable(redis: string, cause: Error): ClickproofError {
  return new ClickproofError('REDIS_UNREACHABLE', `Redis at ${redis} does not answer: ${cause.message}`, {
    remedy: 'start it, or say where it is with --redis-url',
    cause,
  });
}

function isTimeout(error: Error): boolean {
  return error.message === 'Command timed out';
}

function connect(url: URL, settings: RedisStoreSettings): RedisClient {
  const options = {
    ...(url.username && { username: decodeURIComponent(url.username) }),
    ...(url.password && { password: decodeURIComponent(url.password) }),
    connectionName: 'clickproof',
    connectTimeout: settings.redisTimeout,
    commandTimeout: settings.redisTimeout,
    // What is to be run again is decided here, not by a queue that may send it long after everybody gave it up.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times: number) => Math.min(50 * times, LONGEST_PAUSE_MS),
    ...(url.protocol === 'rediss:' && {
      tls:
        settings.redisCaFile === undefined
          ? {}
          : { ca: certificatesOf(settings.redisCaFile, '--redis-ca-file') },
    }),
  };
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = Number(url.port || 6379);
  if (!settings.redisCluster) return new Redis({ ...options, host, port, db: database(url) });
  return new Cluster([{ host, port }], {
    redisOptions: options,
    enableOfflineQueue: false,
    clusterRetryStrategy: (times) => Math.min(50 * times, LONGEST_PAUSE_MS),
    slotsRefreshTimeout: settings.redisTimeout,
  });
}

function database(url: URL): number {
  const text = url.pathname.slice(1);
  if (text === '') return 0;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new ClickproofError('USAGE', `"${text}" is no database of Redis`, {
    remedy: 'write the number of the database after the slash of --redis-url, or nothing',
  });
}
