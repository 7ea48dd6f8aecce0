import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClickHouseClient } from '@clickhouse/client';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type SpawnedServer, spawnClickHouseServer } from '../../clickhouse-server/spawn-server.ts';
import { DEFAULT_SIZE_LIMITS } from '../../contracts/access-log.ts';
import { parseJson, stringifyJson } from '../../contracts/json.ts';
import type { FailedMessage, FlatMessage, FlatValue } from '../../contracts/messages.ts';
import { type Diagnostics, silent } from '../../contracts/running.ts';
import { pipelineTopics } from '../../contracts/topic-specs.ts';
import { DEFAULT_GROUPS, DEFAULT_TOPICS, type TopicNames } from '../../contracts/topics.ts';
import { openEmbeddedLog } from '../../log/index.ts';
import type { EventLog, TransactionalProducer } from '../../log/port.ts';
import { ATOMIC_COLUMNS } from './atomic-columns.ts';
import { clickhouseClient } from './client.ts';
import { decodeEvent, EXACT_OUTPUT_SETTINGS } from './decode.ts';
import { migrate } from './migrate.ts';
import { countEvents, countFailures, topCampaigns, topPages, topReferrers } from './queries.ts';
import { MIGRATIONS } from './schema.ts';
import { clickhouseSinkSettings } from './settings.ts';
import { type ClickHouseSink, startClickHouseSink } from './sink.ts';

const PARTITIONS = 2;
/** A server that is busy answers late. */
const SOON = { timeout: 30_000 };
const directory = mkdtempSync(join(tmpdir(), 'clickproof-sink-'));
const path = join(directory, 'clickhouse');
let server: SpawnedServer;
let client: ClickHouseClient;
let log: EventLog;
let producer: TransactionalProducer;
let databases = 0;

interface Bench {
  readonly database: string;
  readonly topics: TopicNames;
  send(messages: readonly (FlatMessage | string)[]): Promise<void>;
  sink(options?: {
    diagnostics?: Diagnostics;
    groups?: typeof DEFAULT_GROUPS;
    through?: EventLog;
  }): Promise<ClickHouseSink>;
  drained(sink: ClickHouseSink): Promise<void>;
  events(): Promise<FlatMessage[]>;
}

/** Topics and a database of its own for each test. */
async function bench(): Promise<Bench> {
  const n = ++databases;
  const database = `tracking_${n}`;
  const topics = { ...DEFAULT_TOPICS, persisted: `persisted_${n}`, failed: `failed_${n}` };
  await log.ensureTopics(pipelineTopics(topics, { partitions: PARTITIONS, limits: DEFAULT_SIZE_LIMITS }));
  return {
    database,
    topics,
    async send(messages) {
      await producer.commit({
        records: messages.map((message, i) => ({
          topic: topics.persisted,
          partition: i % PARTITIONS,
          key: typeof message === 'string' ? null : Buffer.from(String(message['event-domain_userid'] ?? i)),
          value: Buffer.from(typeof message === 'string' ? message : stringifyJson(message)),
          timestamp: 1.7e12,
        })),
      });
    },
    sink({ diagnostics = silent, groups = DEFAULT_GROUPS, through = log } = {}) {
      const settings = clickhouseSinkSettings.parse({
        clickhouseUrl: server.url,
        clickhouseDatabase: database,
        sinkBatchAge: 20,
        sinkRetryMin: 10,
        sinkRetryMax: 50,
        sinkReadRecords: 200,
      });
      return startClickHouseSink(settings, { log: through, topics, groups, diagnostics });
    },
    async drained(sink) {
      await vi.waitFor(async () => expect(await sink.lag()).toBe(0), { timeout: 30_000, interval: 10 });
    },
    async events() {
      const result = await client.query({
        query: `SELECT * FROM ${database}.events FINAL ORDER BY log_partition, log_offset`,
        format: 'JSONEachRow',
        clickhouse_settings: EXACT_OUTPUT_SETTINGS,
      });
      return (await result.text()).split('\n').filter(Boolean).map(decodeEvent);
    },
  };
}

const event = (id: number, more: FlatMessage = {}): FlatMessage => ({
  'event-event_id': `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
  'event-event': 'page_view',
  'event-event_fingerprint': `f${id}`,
  'event-collector_tstamp': '2023-11-14T22:13:21Z',
  'event-domain_userid': `v${id % 10}`,
  'event-name_tracker': 'mark',
  ...more,
});

/** By partition and then by offset, as `send` spreads them and `events` reads them. */
const asRead = <T>(messages: readonly T[]): T[] =>
  Array.from({ length: PARTITIONS }, (_, p) => messages.filter((_m, i) => i % PARTITIONS === p)).flat();

beforeAll(async () => {
  server = await spawnClickHouseServer({ path });
  client = clickhouseClient(clickhouseSinkSettings.parse({ clickhouseUrl: server.url }));
  log = openEmbeddedLog({ path: join(directory, 'events.db') });
  producer = await log.claim('test');
});

afterAll(async () => {
  await producer.close();
  await log.close();
  await client.close();
  await server.kill();
  rmSync(directory, { recursive: true, force: true });
});

describe('values', () => {
  it('come out as they went in, whatever they are', async () => {
    const nasty = fc.constantFrom<FlatValue>(
      '',
      '\0',
      'a\0b\n\n;\t\\\'"',
      '😀 日本 \u2028',
      '\ud800',
      '2023-11-14T22:13:20.500Z',
      '2023-11-14T22:13:20.000Z',
      '1899-12-31T23:59:59Z',
      '1969-12-31T23:59:59.999Z',
      '2106-02-08T00:00:00Z',
      '9999-12-31T23:59:59Z',
      '2020-01-01 00:00:00.12',
      '1',
      'true',
      'null',
      '{"a":1}',
      0,
      -1,
      1.5,
      5e-324,
      1e21,
      -1.7976931348623157e308,
      9007199254740993n,
      9223372036854775807n,
      -9223372036854775808n,
      18446744073709551616n,
      true,
      false,
      [],
      [true, 1],
      [1, 'x', null],
      ['2020-01-01', 'b'],
      [1, 2.5],
      [9007199254740993n, 1],
    );
    const value = fc.oneof(
      nasty,
      fc.string({ unit: 'binary' }) as fc.Arbitrary<FlatValue>,
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
      fc.integer(),
      fc.array(fc.oneof(fc.string(), fc.integer(), fc.boolean())) as fc.Arbitrary<FlatValue>,
    );
    const name = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...ATOMIC_COLUMNS.map(([column]) => `event-${column}`)) },
      fc.constantFrom(
        'request-uri',
        'query-e',
        'com_acme_a_1-b',
        'x-a.b',
        'x-',
        'x-__proto__',
        'profile-visits',
        'x-`"\\',
      ),
      fc.string().map((text) => `x-${text}`),
    );
    const messages = fc
      .sample(fc.dictionary(name, value, { maxKeys: 30 }), { numRuns: 400, seed: 42 })
      .map((message, i) => ({ ...message, 'event-event_id': `e${i}` }) as FlatMessage);
    messages.push(event(1, { 'event-page_title': 'x'.repeat(3_000_000), 'x-long': 'y'.repeat(3_000_000) }));
    const b = await bench();
    await b.send(messages);
    const sink = await b.sink();
    await b.drained(sink);
    const stats = sink.stats();
    await sink.stop();
    expect(stats.events.inserts.refused).toBe(0);
    const got = await b.events();
    // A double beyond 2^53 is written as digits, and then read as the whole number that they are.
    const wanted = asRead(messages).map((message) => parseJson(stringifyJson(message)));
    expect(got.length).toBe(wanted.length);
    for (const [i, message] of got.entries()) expect(message).toEqual(wanted[i]);
  });

  it('stand in typed columns where those keep them', async () => {
    const b = await bench();
    await b.send([
      event(1, {
        'event-domain_sessionidx': 3,
        'event-br_cookies': true,
        'event-tr_total': 12.5,
        'event-derived_tstamp': '2023-11-14T22:13:20.500Z',
        'profile-visits': 7,
        'request-uri': '/i',
      }),
    ]);
    const sink = await b.sink();
    await b.drained(sink);
    await sink.stop();
    const result = await client.query({
      query: `SELECT domain_sessionidx, br_cookies, tr_total, derived_tstamp, event_date, visitor, rest.\`profile-visits\` AS visits,
        JSONExtractString(verbatim, 'request-uri') AS uri FROM ${b.database}.events`,
      format: 'JSONEachRow',
      clickhouse_settings: EXACT_OUTPUT_SETTINGS,
    });
    expect(await result.json()).toEqual([
      {
        domain_sessionidx: 3,
        br_cookies: true,
        tr_total: 12.5,
        derived_tstamp: '2023-11-14T22:13:20.500Z',
        event_date: '2023-11-14',
        visitor: 'v1',
        visits: 7,
        uri: '/i',
      },
    ]);
  });
});

describe('delivery', () => {
  it('counts a replay once, in the table and in the views, and keeps two events that share an id', async () => {
    const b = await bench();
    const page = {
      'event-page_urlhost': 'h',
      'event-page_urlpath': '/p',
      'event-mkt_campaign': 'c',
      'event-refr_urlhost': 'r',
    };
    const messages = Array.from({ length: 500 }, (_, i) => event(i, page));
    messages.push(event(7, { ...page, 'event-event_fingerprint': 'another' }));
    messages.push(event(7, { ...page, 'event-domain_userid': 'another' }));
    await b.send(messages);
    for (const group of ['first', 'again']) {
      const sink = await b.sink({ groups: { ...DEFAULT_GROUPS, clickhouse: group } });
      await b.drained(sink);
      await sink.stop();
    }
    const scope = { database: b.database, mark: 'mark' };
    expect(await countEvents(client, scope)).toEqual({ raw: 1_004, final: 502, visitors: 11 });
    expect(await countEvents(client, { ...scope, mark: 'no such' })).toEqual({
      raw: 0,
      final: 0,
      visitors: 0,
    });
    expect(await topPages(client, scope)).toEqual([{ page: 'h/p', views: 502, visitors: 11 }]);
    expect(await topReferrers(client, scope)).toEqual([{ referrer: 'r', medium: '', views: 502 }]);
    expect(await topCampaigns(client, scope)).toEqual([
      { campaign: 'c', source: '', medium: '', views: 502, visitors: 11 },
    ]);
    const views = async (query: string) =>
      (await client.query({ query, format: 'JSONEachRow' })).json<{ n: number | string }>();
    expect(
      await views(`SELECT toUInt32(uniqExactMerge(page_views)) AS n FROM ${b.database}.page_views_by_minute`),
    ).toEqual([{ n: 502 }]);
    expect(
      await views(
        `SELECT facet, toUInt32(uniqExactMerge(page_views)) AS n FROM ${b.database}.page_views_by_facet GROUP BY facet ORDER BY facet`,
      ),
    ).toEqual(['campaign', 'page', 'referrer'].map((facet) => ({ facet, n: 502 })));
  });

  it('parks what cannot be a row, once, and shows it', async () => {
    const b = await bench();
    await b.send([event(1), 'no JSON', event(2), '{"event-event_id":{"nested":1}}', event(3), 'null']);
    const sink = await b.sink();
    await b.drained(sink);
    expect((await b.events()).map((message) => message['event-event_fingerprint']).sort()).toEqual([
      'f1',
      'f2',
      'f3',
    ]);
    await vi.waitFor(
      async () =>
        expect(await countFailures(client, { database: b.database })).toEqual([
          { type: 'message_format', failures: 3 },
        ]),
      SOON,
    );
    await sink.stop();
    const failures: FailedMessage[] = [];
    for (const { partition, start } of await log.ends(b.topics.failed)) {
      for await (const batch of log.read({ topic: b.topics.failed, partition, offset: start })) {
        failures.push(...batch.records.map(({ value }) => JSON.parse(String(value))));
      }
    }
    expect(failures.map(({ payload }) => payload).sort()).toEqual([
      'no JSON',
      'null',
      '{"event-event_id":{"nested":1}}',
    ]);
    expect(failures[0]!.failure.stage).toBe('clickhouse');
  });

  it('counts what it parks when that is committed, once', async () => {
    const b = await bench();
    let failed = 0;
    const claim: EventLog['claim'] = async (transactionalId) => {
      const real = await log.claim(transactionalId);
      return {
        transactionalId,
        async commit(transaction) {
          if (failed++ < 2) throw new Error('the connection broke');
          await real.commit(transaction);
        },
        close: () => real.close(),
      };
    };
    const through: EventLog = Object.assign(Object.create(log), {
      ...{ claim, ends: log.ends.bind(log), read: log.read.bind(log) },
      ...{ consume: log.consume.bind(log), partitions: log.partitions.bind(log) },
      committed: log.committed.bind(log),
    });
    await b.send([event(1), 'no JSON', event(2)]);
    const sink = await b.sink({ through });
    await b.drained(sink);
    await vi.waitFor(
      () =>
        expect(sink.stats().events).toMatchObject({
          ...{ records: 3, failed: 1, classes: { inserted: 2, unreadable: 1 } },
          ...{ claims: PARTITIONS + 2, errors: 2, positions: { 0: 2, 1: 1 } },
        }),
      SOON,
    );
    await sink.stop();
    expect(sink.stats().events.positions).toEqual({});
  });

  it('parks the row that ClickHouse refuses, and only that', async () => {
    const b = await bench();
    await migrate(client, { database: b.database, migrate: true, diagnostics: silent });
    await client.command({
      query: `ALTER TABLE ${b.database}.events ADD CONSTRAINT picky CHECK app_id != 'refused'`,
    });
    const messages = Array.from({ length: 301 }, (_, i) =>
      event(i, { 'event-app_id': i === 99 ? 'refused' : 'shop' }),
    );
    await b.send(messages);
    const sink = await b.sink();
    await b.drained(sink);
    await vi.waitFor(
      async () =>
        expect(await countFailures(client, { database: b.database })).toEqual([
          { type: 'sink_refused', failures: 1 },
        ]),
      SOON,
    );
    await sink.stop();
    const got = await b.events();
    expect(got.length).toBe(300);
    expect(got.some((message) => message['event-event_fingerprint'] === 'f99')).toBe(false);
  });

  it('loses and doubles nothing when ClickHouse is killed in mid-insert', async () => {
    const b = await bench();
    const messages = Array.from({ length: 6_000 }, (_, i) => event(i, { 'x-filler': 'z'.repeat(500) }));
    const diagnostics = { ...silent, warn: vi.fn() };
    await b.send(messages.slice(0, 3_000));
    const sink = await b.sink({ diagnostics });
    const port = Number(new URL(server.url).port);
    for (let kill = 0; kill < 3; kill++) {
      const before = sink.stats().events.inserts.inserts;
      await vi.waitFor(() => expect(sink.stats().events.inserts.inserts).toBeGreaterThan(before), {
        timeout: 30_000,
        interval: 1,
      });
      await server.kill('SIGKILL');
      if (kill === 2) await b.send(messages.slice(3_000));
      else await b.send(messages.slice(kill * 10, kill * 10 + 2));
      server = await spawnClickHouseServer({ path, port });
    }
    await b.drained(sink);
    await sink.stop();
    expect(diagnostics.warn).toHaveBeenCalled();
    const got = await b.events();
    expect(new Set(got.map((message) => message['event-event_id'])).size).toBe(6_000);
    expect(got.length).toBe(6_000);
  });
});

describe('schema', () => {
  it('is made by several at once, and once', async () => {
    const b = await bench();
    const options = { database: b.database, migrate: true, diagnostics: silent };
    await Promise.all(Array.from({ length: 3 }, () => migrate(client, options)));
    await migrate(client, { ...options, migrate: false });
    const steps = await client.query({
      query: `SELECT version FROM ${b.database}.schema_migrations FINAL ORDER BY version`,
      format: 'JSONEachRow',
    });
    expect(await steps.json()).toEqual(MIGRATIONS.map(({ version }) => ({ version })));
  });

  it('is refused when it is newer, older or another', async () => {
    const b = await bench();
    const options = { database: b.database, migrate: true, diagnostics: silent };
    const [first] = MIGRATIONS as [(typeof MIGRATIONS)[0]];
    await migrate(client, { ...options, migrations: [first] });
    await expect(migrate(client, { ...options, migrate: false })).rejects.toMatchObject({
      code: 'SCHEMA_OLDER',
      remedy: expect.stringContaining('--clickhouse-migrate'),
    });
    const other = { ...first, statements: () => ['SELECT 1'] };
    await expect(migrate(client, { ...options, migrations: [other] })).rejects.toMatchObject({
      code: 'SCHEMA_FOREIGN',
    });
    await migrate(client, options);
    await expect(migrate(client, { ...options, migrations: [first] })).rejects.toMatchObject({
      code: 'SCHEMA_NEWER',
    });
    await expect(b.sink())
      .resolves.toMatchObject({ stats: expect.any(Function) })
      .then(() => undefined);
  });

  it('says when ClickHouse cannot be reached, and keeps its password to itself', async () => {
    const settings = clickhouseSinkSettings.parse({
      clickhouseUrl: 'http://user:secret@127.0.0.1:9',
      sinkConnectTimeout: 1,
    });
    await expect(
      startClickHouseSink(settings, {
        log,
        topics: DEFAULT_TOPICS,
        groups: DEFAULT_GROUPS,
        diagnostics: silent,
      }),
    ).rejects.toMatchObject({
      code: 'CLICKHOUSE_UNREACHABLE',
      message: expect.stringMatching(/^ClickHouse at http:\/\/127\.0\.0\.1:9 cannot be used: (?!.*secret)/),
      remedy: expect.stringContaining('--clickhouse-url'),
    });
  });
});
