import { Cluster, Redis } from 'ioredis';
import type { RedisConnection } from '../../containers/connections.ts';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { ProfileReader } from './profile-reader.ts';

const FORMAT = '1';
const GENERATION_BYTES = 8;
const TIMEOUT_MS = 10_000;
/** A value holds up to 16 kB of dedupe window: an answer stays below some megabytes. */
const VALUES_PER_READ = 200;

/**
 * Reads the profiles in Redis: `{cp:TOPIC:p}:mark`, a hash with `mark`, `generation` and `format`, and `{cp:TOPIC:p}:v:<visitor>`, the
 * generation and the value. A value of another generation is none (docs/decisions/0040).
 */
export class RedisProfileReader implements ProfileReader {
  readonly name: string;
  readonly #topic: string;
  readonly #client: Redis | Cluster;
  #trouble: Error | undefined;

  /** @param topic the input topic of the profiles */
  constructor(connection: RedisConnection, topic: string) {
    const { protocol, host, pathname } = new URL(connection.url);
    this.name = `${protocol}//${host}${pathname}`;
    this.#topic = topic;
    this.#client = connect(connection);
    // Said with the command that fails for it.
    this.#client.on('error', (error: Error) => {
      this.#trouble = error;
    });
  }

  async mark(partition: number): Promise<number> {
    return (await this.#state(partition))?.mark ?? 0;
  }

  async profiles(partition: number, visitors: readonly string[]): Promise<(Buffer | null)[]> {
    const state = await this.#state(partition);
    if (!state) return visitors.map(() => null);
    const prefix = `${this.#tag(partition)}:v:`;
    const values: (Buffer | null)[] = [];
    for (let from = 0; from < visitors.length; from += VALUES_PER_READ) {
      const keys = visitors
        .slice(from, from + VALUES_PER_READ)
        .map((visitor) => Buffer.from(prefix + visitor, 'latin1'));
      const found = await this.#read(() => this.#client.mgetBuffer(keys));
      for (const stored of found) {
        const isOfNow = stored?.subarray(0, GENERATION_BYTES).equals(state.generation);
        values.push(isOfNow ? stored!.subarray(GENERATION_BYTES) : null);
      }
    }
    return values;
  }

  async close(): Promise<void> {
    this.#client.disconnect();
  }

  async #state(partition: number): Promise<{ mark: number; generation: Buffer } | undefined> {
    const [mark, generation, format] = await this.#read(() =>
      this.#client.hmgetBuffer(`${this.#tag(partition)}:mark`, 'mark', 'generation', 'format'),
    );
    if (!mark || !generation) return undefined;
    if (String(format) !== FORMAT)
      throw this.#unreadable(new Error(`their format is ${format}, not ${FORMAT}`));
    return { mark: Number(mark), generation };
  }

  /** Keeps the keys of a partition in one slot of a cluster. */
  #tag(partition: number): string {
    return `{cp:${this.#topic}:${partition}}`;
  }

  async #read<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#unreadable(this.#client.status === 'ready' ? error : (this.#trouble ?? error));
    }
  }

  #unreadable(cause: unknown): ClickproofError {
    return new ClickproofError(
      'HOP_UNREADABLE',
      `the profiles in Redis at ${this.name} cannot be read: ${(cause as Error).message}`,
      { cause },
    );
  }
}

function connect({ url, cluster, ca }: RedisConnection): Redis | Cluster {
  const options = {
    connectionName: 'clickproof-checker',
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    maxRetriesPerRequest: 1,
    ...(ca && { tls: { ca: [...ca] } }),
  };
  if (!cluster) return new Redis(url, { ...options, lazyConnect: true });
  const { hostname, port, username, password, protocol } = new URL(url);
  return new Cluster([{ host: hostname, port: Number(port || 6379) }], {
    lazyConnect: true,
    redisOptions: {
      ...options,
      ...(username && { username: decodeURIComponent(username) }),
      ...(password && { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' && !ca && { tls: {} }),
    },
  });
}
