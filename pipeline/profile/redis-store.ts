import { randomBytes } from 'node:crypto';
import { ClickproofError } from '../contracts/errors.ts';
import type { Diagnostics } from '../contracts/running.ts';
import { waitingFor } from '../contracts/waiting.ts';
import type { FoldProgress } from './partition-fold.ts';
import { RedisConnection } from './redis/connection.ts';
import { checkTopic, type PartitionKeys, partitionKeys } from './redis/keys.ts';
import { APPLY, CLAIM, GENERATION_BYTES, READ } from './redis/scripts.ts';
import { checkServer } from './redis/server-check.ts';
import type { RedisStoreSettings } from './redis/settings.ts';
import { sweep } from './redis/sweep.ts';
import { checkValueTtl } from './redis/value-ttl.ts';
import type { ProfileRule } from './rules.ts';
import type { PartitionChange, ProfileStore, StateDescription, StoredPartition } from './store.ts';

export { type RedisStoreSettings, redisStoreSettings } from './redis/settings.ts';

export interface RedisProfileStoreOptions {
  readonly settings: RedisStoreSettings;
  /** The input topic: partitions of two topics do not meet. */
  readonly topic: string;
  /** What is kept of visitors, and how long the input topic keeps its records (undefined: for ever): they bound the values' time to live. */
  readonly rules: readonly ProfileRule[];
  readonly retentionMs?: number | undefined;
  readonly diagnostics: Diagnostics;
}

/**
 * Profiles in Redis. Crash points: each call is one script, and Redis runs a script, and writes it to its append-only file, as a whole;
 * so a server killed in it comes back with the state before or after, a server that lost its last seconds with an older one. A script
 * without an answer is run again: the mark tells whether it was run before.
 *
 * @throws ClickproofError REDIS_UNREACHABLE, REDIS_DENIED, REDIS_EVICTS, REDIS_TOO_OLD, REDIS_KEY, REDIS_TTL
 */
export async function openRedisProfileStore(options: RedisProfileStoreOptions): Promise<ProfileStore> {
  const { settings, topic, rules, retentionMs, diagnostics } = options;
  checkTopic(topic);
  checkValueTtl(settings.redisValueTtl, rules, retentionMs);
  const connection = new RedisConnection(settings, diagnostics);
  try {
    const { version, warnings } = await waitingFor('Redis', connection.name, diagnostics, () =>
      checkServer(connection, settings.redisConnectTimeout),
    );
    diagnostics.info('profiles are kept in Redis', { redis: connection.name, version });
    for (const warning of warnings) diagnostics.warn(warning, { redis: connection.name });
  } catch (error) {
    connection.close();
    throw error;
  }
  return new RedisProfileStore(connection, topic, settings.redisValueTtl, diagnostics);
}

/** How state is laid out in Redis; another number is not understood. */
const FORMAT = '1';

class RedisProfileStore implements ProfileStore {
  readonly kind = 'redis';
  readonly #connection: RedisConnection;
  readonly #topic: string;
  readonly #valueTtlMs: number;
  readonly #diagnostics: Diagnostics;

  constructor(connection: RedisConnection, topic: string, valueTtlMs: number, diagnostics: Diagnostics) {
    this.#connection = connection;
    this.#topic = topic;
    this.#valueTtlMs = valueTtlMs;
    this.#diagnostics = diagnostics;
  }

  async claim(partition: number): Promise<StoredPartition> {
    // After a fail-over it may be another server, with other settings.
    await checkServer(this.#connection);
    const { mark, window } = this.#keys(partition);
    const found = (await this.#connection.run((client) => CLAIM.run(client, [mark, window]))) as
      | [Buffer, Buffer, Buffer, Buffer | null, Buffer[]]
      | null;
    if (found === null) return { mark: null, description: null, progress: null, segments: [] };
    const [at, description, progress, format, segments] = found;
    if (format?.toString() !== FORMAT) throw unknownFormat(this.#connection.name, mark, format);
    return {
      mark: Number(at),
      description: JSON.parse(description.toString()) as StateDescription,
      progress: JSON.parse(progress.toString()) as FoldProgress,
      segments: segments.map((segment) => segment.subarray(segment.indexOf(':') + 1)),
    };
  }

  async describe(partition: number): Promise<StateDescription | null> {
    const { mark } = this.#keys(partition);
    const [description, format] = await this.#connection.run((client) =>
      client.hmgetBuffer(mark, 'description', 'format'),
    );
    if (!description) return null;
    if (format?.toString() !== FORMAT) throw unknownFormat(this.#connection.name, mark, format ?? null);
    return JSON.parse(description.toString()) as StateDescription;
  }

  async read(partition: number, mark: number | null, visitors: readonly Buffer[]) {
    const keys = this.#keys(partition);
    const found = (await this.#connection.run((client) =>
      READ.run(client, [keys.mark, ...visitors.map(keys.visitor)], [mark ?? '']),
    )) as [Buffer, ...(Buffer | null)[]] | null;
    if (found === null) return 'moved';
    const [generation, ...values] = found;
    return visitors.map((_, i) => ofGeneration(generation, values[i]));
  }

  async apply(partition: number, change: PartitionChange): Promise<'applied' | 'already' | 'refused'> {
    const keys = this.#keys(partition);
    const { from, to, description, progress, dropBefore, segment, values } = change;
    const args = [
      from ?? '',
      to,
      JSON.stringify(description),
      JSON.stringify(progress),
      FORMAT,
      randomBytes(GENERATION_BYTES),
      dropBefore,
      this.#valueTtlMs,
      segment ? 1 : 0,
      segment ?? '',
      ...values.map(({ value }) => value),
    ];
    const answer = await this.#connection.run((client) =>
      APPLY.run(
        client,
        [keys.mark, keys.window, ...values.map(({ visitor }) => keys.visitor(visitor))],
        args,
      ),
    );
    return String(answer) as 'applied' | 'already' | 'refused';
  }

  /** One step; the memory of the values, which nobody reads any more, is freed after it. */
  async clear(partition: number): Promise<void> {
    const keys = this.#keys(partition);
    await this.#connection.run((client) => client.unlink(keys.mark, keys.window));
    try {
      await sweep(this.#connection, keys);
    } catch (error) {
      this.#diagnostics.warn('profiles of before are still in the memory of Redis', {
        keys: keys.visitors,
        error: String(error),
      });
    }
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  #keys(partition: number): PartitionKeys {
    return partitionKeys(this.#topic, partition);
  }
}

/** The value, without its generation; null when it is of another one. */
function ofGeneration(generation: Buffer, stored: Buffer | null | undefined): Buffer | null {
  if (!stored || generation.length !== GENERATION_BYTES) return null;
  return generation.compare(stored, 0, GENERATION_BYTES) === 0 ? stored.subarray(GENERATION_BYTES) : null;
}

function unknownFormat(redis: string, key: string, format: Buffer | null): ClickproofError {
  return new ClickproofError(
    'PROFILE_STORE_VERSION',
    `profiles in Redis at ${redis} were written by another version (format ${format ?? 'none'})`,
    { remedy: `delete the key ${key}: profiles are folded again from the event log` },
  );
}
