import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { murmur2Partition } from '../../contracts/partitioning.ts';
import { silent } from '../../contracts/running.ts';
import { DEFAULT_GROUPS, DEFAULT_TOPICS } from '../../contracts/topics.ts';
import { type EventLog, openEmbeddedLog } from '../../log/index.ts';
import { persisterSettings, startPersister } from '../../stages/index.ts';
import { openEmbeddedProfileStore } from '../embedded-store.ts';
import type { ProfileStore } from '../store.ts';
import { describeRedis, RedisServer } from './testing/redis-server.ts';

const TOPICS = DEFAULT_TOPICS;
const PARTITIONS = 2;
const EVENTS = 6_000;
const VISITORS = Array.from({ length: 60 }, (_, i) => `visitor-${i}`);

/** An event; every ninth is a retry of an earlier one, every eleventh the line of an earlier one again. */
function event(i: number): { key: string; value: string; timestamp: number } {
  const of = i > 30 && i % 9 === 0 ? i - 26 : i;
  const line = i > 30 && i % 11 === 0 ? i - 21 : i;
  const n = line === i ? of : line;
  const visitor = VISITORS[(n * 7) % VISITORS.length]!;
  const fields = {
    'event-event_id': `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    'event-event_fingerprint': `print ${n}`,
    'event-event': 'page_view',
    'event-domain_userid': visitor,
    'event-domain_sessionid': `session ${visitor} ${n % 3}`,
    'event-page_url': `https://shop.example/${n % 17}`,
    'event-collector_tstamp': new Date(1_700_000_000_000 + n * 100).toISOString(),
    'request-request_id': `request ${line}`,
  };
  return { key: visitor, value: JSON.stringify(fields), timestamp: 1_700_000_000_000 + i * 100 };
}

describeRedis('the persister on Redis', () => {
  const directory = mkdtempSync(join(tmpdir(), 'persister-on-redis-'));
  let logs = 0;
  let reference: Awaited<ReturnType<typeof outcome>>;
  let server: RedisServer;
  let log: EventLog;

  async function filledLog(): Promise<EventLog> {
    const filled = openEmbeddedLog({ path: join(directory, `events-${logs++}.db`) });
    await filled.ensureTopics(
      [TOPICS.flattened, TOPICS.persisted, TOPICS.failed].map((name) => ({
        name,
        partitions: PARTITIONS,
        cleanup: 'delete',
        maxRecordBytes: 1 << 20,
      })),
    );
    const producer = await filled.claim('test');
    await producer.commit({
      records: Array.from({ length: EVENTS }, (_, i) => {
        const { key, value, timestamp } = event(i);
        const partition = murmur2Partition(Buffer.from(key), PARTITIONS);
        return {
          topic: TOPICS.flattened,
          partition,
          key: Buffer.from(key),
          value: Buffer.from(value),
          timestamp,
        };
      }),
    });
    await producer.close();
    return filled;
  }

  function persister(on: EventLog, profiles: ProfileStore) {
    return startPersister(persisterSettings.parse({ linger: 0, batchRecords: 40 }), {
      log: on,
      profiles,
      topics: TOPICS,
      groups: DEFAULT_GROUPS,
      diagnostics: silent,
    });
  }

  /** Everything that can be seen from outside: all that was written, and what is known of every visitor. */
  async function outcome(of: EventLog, profiles: ProfileStore) {
    const written: string[][] = [];
    const states = [];
    for (const { partition, start } of await of.ends(TOPICS.persisted)) {
      written[partition] = [];
      for await (const batch of of.read({ topic: TOPICS.persisted, partition, offset: start })) {
        written[partition].push(...batch.records.map(({ value }) => String(value)));
      }
      const { segments, ...state } = await profiles.claim(partition);
      const values = await profiles.read(
        partition,
        state.mark,
        VISITORS.map((visitor) => Buffer.from(visitor)),
      );
      states.push({ ...state, window: Buffer.concat([...segments]).toString('base64'), values });
    }
    return { written, states };
  }

  /** Runs the persister to the end; meanwhile something happens to Redis, again and again. */
  async function expectExact(happens: () => Promise<unknown>): Promise<void> {
    const store = await server.store(undefined, { redisPatience: 200 });
    const worker = await persister(log, store);
    for (let times = 1; times <= 4; times++) {
      await vi.waitFor(() => expect(worker.stats().records).toBeGreaterThan((times * EVENTS) / 8), {
        timeout: 30_000,
        interval: 2,
      });
      await happens();
    }
    await vi.waitFor(async () => expect(await worker.lag()).toBe(0), { timeout: 30_000, interval: 20 });
    await worker.stop();
    // What was lost after the last batch is folded again by whoever comes next.
    const last = await persister(log, store);
    await vi.waitFor(() => expect(last.stats().positions).toMatchObject(positions()), { timeout: 30_000 });
    await last.stop();
    expect(await outcome(log, store)).toEqual(reference);
    await store.close();
  }

  const positions = () =>
    Object.fromEntries(reference.states.map(({ mark }, partition) => [partition, mark]));

  beforeAll(async () => {
    const embedded = openEmbeddedProfileStore({
      path: join(directory, 'profiles.db'),
      topic: TOPICS.flattened,
    });
    const undisturbed = await filledLog();
    const worker = await persister(undisturbed, embedded);
    await vi.waitFor(async () => expect(await worker.lag()).toBe(0), { timeout: 30_000, interval: 20 });
    expect(worker.stats().folded.repeats).toBeGreaterThan(100);
    expect(worker.stats().folded.retries).toBeGreaterThan(100);
    await worker.stop();
    reference = await outcome(undisturbed, embedded);
    await embedded.close();
    await undisturbed.close();
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  beforeEach(async () => {
    server = await RedisServer.start();
    log = await filledLog();
  });
  afterEach(async () => {
    await log.close();
    await server.close();
  });

  it('ends as on the embedded store when nothing happens', () => expectExact(async () => {}));

  it('ends as on the embedded store when Redis is killed and comes back', () =>
    expectExact(async () => {
      await server.kill();
      await server.start();
    }));

  it('ends as on the embedded store when Redis comes back as it was long before', async () => {
    const earlier = join(directory, 'earlier');
    let kept = false;
    await expectExact(async () => {
      await server.kill();
      if (kept) {
        rmSync(server.directory, { recursive: true });
        cpSync(earlier, server.directory, { recursive: true });
      } else {
        cpSync(server.directory, earlier, { recursive: true });
        kept = true;
      }
      await server.start();
    });
  });

  it('ends as on the embedded store when somebody flushes Redis', async () => {
    const redis = new Redis(server.url);
    await expectExact(() => redis.flushall());
    redis.disconnect();
  });
});
