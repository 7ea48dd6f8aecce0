import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@elastic/elasticsearch';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { spawnClickHouseServer } from '../../clickhouse-server/spawn-server.ts';
import { DEFAULT_SIZE_LIMITS } from '../../contracts/access-log.ts';
import { parseJson, stringifyJson } from '../../contracts/json.ts';
import type { FailedMessage, FlatMessage, FlatValue } from '../../contracts/messages.ts';
import { silent } from '../../contracts/running.ts';
import { pipelineTopics } from '../../contracts/topic-specs.ts';
import { DEFAULT_GROUPS, DEFAULT_TOPICS, type TopicNames } from '../../contracts/topics.ts';
import { visitorOf } from '../../contracts/visitor.ts';
import { openEmbeddedLog } from '../../log/index.ts';
import type { EventLog, TransactionalProducer } from '../../log/port.ts';
import {
  clickhouseClient,
  clickhouseSinkSettings,
  decodeEvent,
  EXACT_OUTPUT_SETTINGS,
  startClickHouseSink,
} from '../clickhouse/index.ts';
import { elasticsearchClient } from './client.ts';
import { type DocumentSource, secondIdOf } from './document.ts';
import { elasticsearchSinkSettings } from './settings.ts';
import { type ElasticsearchSink, startElasticsearchSink } from './sink.ts';
import { describeElasticsearch, ElasticsearchServer, STARTING_MS } from './testing/elasticsearch-server.ts';

const PARTITIONS = 2;

const event = (id: number, more: FlatMessage = {}): FlatMessage => ({
  'event-event_id': `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
  'event-event': 'page_view',
  'event-event_fingerprint': `f${id}`,
  'event-collector_tstamp': '2023-11-14T22:13:21Z',
  'event-domain_userid': `v${id % 10}`,
  'event-name_tracker': 'mark',
  ...more,
});

describeElasticsearch('the Elasticsearch sink', () => {
  const directory = mkdtempSync(join(tmpdir(), 'clickproof-es-sink-'));
  let server: ElasticsearchServer;
  let client: Client;
  let log: EventLog;
  let producer: TransactionalProducer;
  let benches = 0;

  beforeAll(async () => {
    server = await ElasticsearchServer.start();
    client = elasticsearchClient(elasticsearchSinkSettings.parse({ elasticsearchUrl: server.url }));
    log = openEmbeddedLog({ path: join(directory, 'events.db') });
    producer = await log.claim('test');
  }, STARTING_MS);
  afterAll(async () => {
    await producer?.close();
    await log?.close();
    await client?.close();
    await server?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Topics and an alias of its own for each test. */
  async function bench() {
    const n = ++benches;
    const alias = `tracking_${n}`;
    const topics: TopicNames = { ...DEFAULT_TOPICS, persisted: `persisted_${n}`, failed: `failed_${n}` };
    await log.ensureTopics(pipelineTopics(topics, { partitions: PARTITIONS, limits: DEFAULT_SIZE_LIMITS }));
    const settings = elasticsearchSinkSettings.parse({
      elasticsearchUrl: server.url,
      elasticsearchIndex: alias,
      elasticsearchBlocked: 100,
      elasticsearchFields: 400,
      sinkBatchAge: 0,
      sinkRetryMin: 10,
      sinkRetryMax: 50,
      sinkReadRecords: 200,
    });
    const start = (more: object = {}, group = 'elasticsearch') =>
      startElasticsearchSink(
        { ...settings, ...more },
        { log, topics, groups: { ...DEFAULT_GROUPS, elasticsearch: group }, diagnostics: silent },
      );
    return {
      alias,
      topics,
      start,
      async send(messages: readonly (FlatMessage | string)[], partition?: number) {
        await producer.commit({
          records: messages.map((message, i) => ({
            topic: topics.persisted,
            partition: partition ?? i % PARTITIONS,
            key: null,
            value: Buffer.from(typeof message === 'string' ? message : stringifyJson(message)),
            timestamp: 1.7e12,
          })),
        });
      },
      /** Runs the sink until everything is indexed. */
      async drain(group?: string, more?: object) {
        const sink = await start(more, group);
        await drained(sink);
        const stats = sink.stats();
        await sink.stop();
        return stats;
      },
      /** All documents, by id. */
      async documents() {
        await client.indices.refresh({ index: alias });
        const { hits } = await client.search<DocumentSource>({ index: alias, size: 10_000 });
        return hits.hits
          .map(({ _id, _index, _source }) => ({ id: _id!, index: _index, source: _source! }))
          .toSorted((a, b) => (a.id < b.id ? -1 : 1));
      },
      async failures() {
        const failures: FailedMessage[] = [];
        for (const { partition, start: offset } of await log.ends(topics.failed)) {
          for await (const batch of log.read({ topic: topics.failed, partition, offset })) {
            failures.push(...batch.records.map(({ value }) => JSON.parse(String(value))));
          }
        }
        return failures;
      },
    };
  }

  const drained = (sink: ElasticsearchSink) =>
    vi.waitFor(async () => expect(await sink.lag()).toBe(0), { timeout: 110_000, interval: 20 });

  it('makes documents of the contract, in indices by month behind the alias', async () => {
    const b = await bench();
    const messages = [
      event(1),
      event(2, { 'event-collector_tstamp': '2023-12-01T00:00:00Z' }),
      event(3, { 'event-collector_tstamp': 'no time' }),
      event(4, { 'event-collector_tstamp': '2024-02-29T23:59:59.999Z', 'x-list': ['a', 'b'] }),
    ];
    await b.send(messages);
    await b.drain();
    const got = await b.documents();
    expect(got.map(({ index }) => index)).toEqual(
      ['2023.11', '2023.12', '1970.01', '2024.02'].map((month) => `${b.alias}-${month}`),
    );
    expect(got.map(({ source }) => source)).toEqual(
      messages.map((tracking, i) => ({
        '@timestamp': i === 2 ? '1970-01-01T00:00:00Z' : tracking['event-collector_tstamp'],
        tracking,
      })),
    );
    expect(got.map(({ id }) => id)).toEqual(messages.map((message) => message['event-event_id']));
  });

  it('takes whatever the pipeline can hold, and gives it back as it went in', async () => {
    const nasty = fc.constantFrom<FlatValue>(
      ...[
        '',
        '\0',
        'a\0b\n\n\t\\\'"',
        '😀 日本 \u2028',
        '\ud800',
        'true',
        'null',
        '{"a":1}',
        'NaN',
        '-Infinity',
      ],
      ...['2023-11-14T22:13:20.500Z', '1899-12-31T23:59:59Z', '+10000-01-01T00:00:00Z', '2020-01-01'],
      ...[0, -1, 1.5, 5e-324, 1e21, -1.7976931348623157e308, true, false],
      ...[9007199254740993n, 9223372036854775807n, -9223372036854775808n, 18446744073709551616n, 10n ** 60n],
      ...[[], [true, 1], [1, 'x', null], [null], ['2020-01-01', 'b'], [1, 2.5], [9007199254740993n, 1]],
      ...['日'.repeat(40_000), '😀'.repeat(9_000)],
    );
    const value = fc.oneof(
      nasty,
      fc.string({ unit: 'binary' }) as fc.Arbitrary<FlatValue>,
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
      fc.array(fc.oneof(fc.string(), fc.integer(), fc.boolean())) as fc.Arbitrary<FlatValue>,
    );
    const name = fc.oneof(
      fc.constantFrom(
        ...['event-domain_sessionidx', 'event-tr_total', 'event-br_cookies', 'event-derived_tstamp'],
        ...['event-page_url', 'request-request_body', 'query-e', 'profile-visits', 'com_acme_a_1-b'],
        ...[
          'x-a.b',
          'x-a',
          'x-a.',
          'x-.',
          'x-..',
          'x-',
          'x- ',
          'x-__proto__',
          'x-`"\\',
          'x-*',
          `x-${'n'.repeat(2_000)}`,
        ],
      ),
      fc.string().map((text) => `x-${text}`),
      fc.string({ unit: 'binary' }).map((text) => `query-${text}`),
    );
    const messages = fc
      .sample(fc.dictionary(name, value, { maxKeys: 30 }), { numRuns: 150, seed: 42 })
      .map((message, i) => ({ ...message, ...event(i) }) as FlatMessage);
    messages.push(
      event(900, {
        'event-page_title': 'x'.repeat(3_000_000),
        'request-request_body': 'y'.repeat(3_000_000),
      }),
    );
    messages.push(
      event(901, Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`query-${i}`, 'v']))),
    );
    messages.push(event(902, { 'z-after_the_limit': ['a', 1], 'profile-new': 3 }));
    const b = await bench();
    await b.send(messages);
    await b.drain();
    expect(await b.failures()).toEqual([]);
    const got = new Map((await b.documents()).map(({ id, source }) => [id, source.tracking]));
    expect(got.size).toBe(messages.length);
    for (const message of messages) {
      expect(got.get(message['event-event_id'] as string)).toEqual(parseJson(stringifyJson(message)));
    }
  });

  it('answers the queries of dashboards', async () => {
    const b = await bench();
    await b.send(
      Array.from({ length: 600 }, (_, i) =>
        event(i, {
          'event-collector_tstamp': `2023-11-${String(10 + (i % 3)).padStart(2, '0')}T12:00:00Z`,
          'event-page_urlpath': `/${i % 4}`,
          'event-tr_total': i / 2,
          'com_acme_order_1-amount': i % 2 === 0 ? 1 : 1.5,
          'com_acme_order_1-gift': i % 5 === 0,
          'profile-visits': i % 7,
        }),
      ),
    );
    await b.drain();
    await client.indices.refresh({ index: b.alias });
    const answer = await client.search({
      index: b.alias,
      size: 0,
      track_total_hits: true,
      query: { bool: { filter: [{ term: { 'tracking.event-name_tracker': 'mark' } }] } },
      aggs: {
        pages: { terms: { field: 'tracking.event-page_urlpath' } },
        days: { date_histogram: { field: '@timestamp', calendar_interval: 'day' } },
        collected: { date_histogram: { field: 'tracking.event-collector_tstamp', fixed_interval: '1d' } },
        visitors: { cardinality: { field: 'tracking.event-domain_userid' } },
        revenue: { sum: { field: 'tracking.event-tr_total' } },
        amount: { sum: { field: 'tracking.com_acme_order_1-amount' } },
        gifts: { terms: { field: 'tracking.com_acme_order_1-gift' } },
        visits: { max: { field: 'tracking.profile-visits' } },
      },
    });
    const counts = (name: string) =>
      (answer.aggregations![name] as { buckets: { doc_count: number }[] }).buckets.map(
        (one) => one.doc_count,
      );
    const value = (name: string) => (answer.aggregations![name] as { value: number }).value;
    expect(answer.hits.total).toMatchObject({ value: 600 });
    expect(counts('pages')).toEqual([150, 150, 150, 150]);
    expect(counts('days')).toEqual([200, 200, 200]);
    expect(counts('collected')).toEqual([200, 200, 200]);
    expect(counts('gifts')).toEqual([480, 120]);
    expect([value('visitors'), value('visits'), value('amount')]).toEqual([10, 6, 750]);
    expect(value('revenue')).toBe((599 * 600) / 4);
  });

  it('indexes nothing twice when it reads everything again', async () => {
    const b = await bench();
    await b.send(Array.from({ length: 500 }, (_, i) => event(i, { 'x-big': 9007199254740993n + BigInt(i) })));
    expect((await b.drain('first')).writes).toMatchObject({ documents: 500, conflicts: 0 });
    const before = await b.documents();
    expect((await b.drain('second')).writes).toMatchObject({
      ...{ documents: 0, conflicts: 500 },
      ...{ replayed: 500, renewed: 0, collisions: 0 },
    });
    expect(await b.documents()).toEqual(before);
  });

  it('gives events that share an id places that do not depend on their order', async () => {
    const twins = [
      event(7),
      event(7, { 'event-event_fingerprint': 'another' }),
      event(7, { 'event-domain_userid': 'somebody else' }),
      event(7, { 'event-domain_userid': 'somebody else', 'event-event_fingerprint': 'another' }),
    ];
    const [first] = twins.map(secondIdOf).toSorted();
    const wanted = twins
      .map((tracking) => {
        const second = secondIdOf(tracking);
        return { id: second === first ? (tracking['event-event_id'] as string) : second, tracking };
      })
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
    for (const order of [
      twins,
      twins.toReversed(),
      [2, 0, 3, 1].map((i) => twins[i]!),
      [...twins, ...twins],
    ]) {
      const b = await bench();
      for (const [i, one] of order.entries()) await b.send([one], i % PARTITIONS);
      for (const group of ['first', 'again']) await b.drain(group);
      const got = await b.documents();
      expect(got.map(({ id, source }) => ({ id, tracking: source.tracking }))).toEqual(wanted);
      expect(await b.failures()).toEqual([]);
    }
  });

  it('leaves the id to the next when the event that it goes to is refused', async () => {
    const b = await bench();
    const twins = [1, 2, 3, 4]
      .map((n) => event(8, { 'event-domain_userid': `twin ${n}` }))
      .toSorted((a, b) => (secondIdOf(a) < secondIdOf(b) ? -1 : 1));
    const refused = twins.slice(0, 2).map((twin) => ({ ...twin, '': 'no name' }));
    await b.send([...twins.slice(2), ...refused].toReversed(), 0);
    for (const group of ['first', 'again']) await b.drain(group);
    expect(new Set((await b.failures()).map(({ source }) => source.offset)).size).toBe(2);
    const got = await b.documents();
    expect(got.map(({ id }) => id).toSorted()).toEqual(
      [twins[2]!['event-event_id'] as string, secondIdOf(twins[3]!)].toSorted(),
    );
  });

  it('keeps the last version of an event that comes again beyond all windows', async () => {
    const b = await bench();
    await b.send([event(1, { 'profile-visits': 1 }), event(1, { 'profile-visits': 2 })], 0);
    await b.drain('first');
    await b.drain('second');
    const got = await b.documents();
    expect(got.map(({ source }) => source.tracking['profile-visits'])).toEqual([2]);
  });

  it('parks what is no event, and what Elasticsearch refuses, once, and only that', async () => {
    const b = await bench();
    await b.send([
      ...[event(1), 'no JSON', event(2), '{"event-event_id":{"nested":1}}', event(3), 'null', '{"a":1}'],
      ...[event(4, { '': 'no name' }), event(5, { ' ': 'no name' }), event(6)],
      '{"event-event_id":"twice","x-a":1,\n"x-a":2}',
    ]);
    const { classes, failed } = await b.drain('first');
    expect({ classes, failed }).toEqual({
      ...{ classes: { indexed: 5, unreadable: 4, 'refused by Elasticsearch': 2 }, failed: 6 },
    });
    const failures = await b.failures();
    expect(failures.map(({ failure }) => failure.type).toSorted()).toEqual([
      ...['message_format', 'message_format', 'message_format', 'message_format'],
      ...['sink_refused', 'sink_refused'],
    ]);
    expect(failures.every(({ failure }) => failure.stage === 'elasticsearch')).toBe(true);
    expect(failures.find(({ failure }) => failure.type === 'sink_refused')!.failure.errors[0]).toMatchObject({
      code: 'elasticsearch_document_parsing_exception',
      message: expect.stringContaining('Field name'),
    });
    expect((await b.documents()).map(({ source }) => source.tracking['event-event_id'])).toHaveLength(5);
  });

  it('sends no more at once than the server takes, and parks an event that is more by itself', async () => {
    const b = await bench();
    const large = (id: number, bytes: number) => event(id, { 'request-request_body': 'x'.repeat(bytes) });
    await b.send([large(1, 4e6), large(2, 4e6), large(3, 12e6), large(4, 4e6), large(5, 4e6)], 0);
    await b.drain(undefined, { sinkBulkBytes: 64e6, sinkReadBytes: 64e6 });
    expect((await b.failures()).map(({ failure }) => failure.errors[0]!.code)).toEqual([
      'elasticsearch_request_too_large',
    ]);
    expect(await b.documents()).toHaveLength(4);
  });

  it('comes to the same events as ClickHouse, whatever ids they share and however often they come', async () => {
    const clickhouse = await spawnClickHouseServer({ path: join(directory, 'clickhouse') });
    const b = await bench();
    const one = fc.record({ id: fc.nat(3), visitor: fc.nat(3), print: fc.nat(2), version: fc.nat(5) });
    const events = fc.sample(one, { numRuns: 300, seed: 7 }).map(({ id, visitor, print, version }) =>
      event(id, {
        'event-domain_userid': `v${visitor}`,
        'event-event_fingerprint': `f${print}`,
        'profile-version': version,
      }),
    );
    for (const message of events) await b.send([message], Number(visitorOf(message).slice(1)) % PARTITIONS);
    const common = { log, topics: b.topics, groups: DEFAULT_GROUPS, diagnostics: silent };
    const sink = await startClickHouseSink(
      clickhouseSinkSettings.parse({ clickhouseUrl: clickhouse.url, sinkBatchAge: 20 }),
      common,
    );
    await vi.waitFor(async () => expect(await sink.lag()).toBe(0), { timeout: 110_000, interval: 20 });
    await sink.stop();
    for (const group of ['first', 'again']) await b.drain(group);

    const reader = clickhouseClient(clickhouseSinkSettings.parse({ clickhouseUrl: clickhouse.url }));
    const result = await reader.query({
      query: 'SELECT * FROM tracking.events FINAL',
      format: 'JSONEachRow',
      clickhouse_settings: EXACT_OUTPUT_SETTINGS,
    });
    const rows = (await result.text()).split('\n').filter(Boolean).map(decodeEvent);
    await reader.close();
    await clickhouse.kill();
    const sorted = (messages: readonly FlatMessage[]) =>
      messages.toSorted((a, b) => (secondIdOf(a) < secondIdOf(b) ? -1 : 1));
    expect(rows.length).toBeGreaterThan(40);
    expect(sorted((await b.documents()).map(({ source }) => source.tracking))).toEqual(sorted(rows));
  });

  it('takes ids that Elasticsearch does not', async () => {
    const b = await bench();
    const ids = ['x'.repeat(513), 'x'.repeat(600), '\ud800', '\udfff', '/?#%', 'a\0b'];
    await b.send(ids.map((id, i) => event(i, { 'event-event_id': id })));
    await b.drain('first');
    await b.drain('second');
    const got = await b.documents();
    expect(got).toHaveLength(ids.length);
    expect(got.map(({ source }) => source.tracking['event-event_id']).toSorted()).toEqual(ids.toSorted());
  });

  it(
    'loses and doubles nothing when Elasticsearch is killed in mid-bulk',
    async () => {
      const b = await bench();
      await b.send(Array.from({ length: 2_000 }, (_, i) => event(i, { 'x-filler': 'z'.repeat(500) })));
      const sink = await b.start({ sinkReadRecords: 300, sinkBulkBytes: 20_000, sinkBulks: 1 });
      for (let kill = 0; kill < 2; kill++) {
        const before = sink.stats().writes.documents;
        await vi.waitFor(() => expect(sink.stats().writes.documents).toBeGreaterThan(before), {
          timeout: 30_000,
          interval: 1,
        });
        expect(sink.stats().writes.documents).toBeLessThan(2_000);
        await server.kill();
        await server.start();
      }
      await drained(sink);
      await sink.stop();
      expect(sink.stats().writes.retries).toBeGreaterThan(0);
      const got = await b.documents();
      expect(new Set(got.map(({ source }) => source.tracking['event-event_id'])).size).toBe(2_000);
      expect(got).toHaveLength(2_000);
      expect(await b.failures()).toEqual([]);
    },
    3 * STARTING_MS,
  );

  it('waits for a full disk, and parks what is for an index that stays closed', async () => {
    const b = await bench();
    await b.send([event(1), event(2, { 'event-collector_tstamp': '2023-12-01T00:00:00Z' })]);
    await b.drain();
    await client.indices.close({ index: `${b.alias}-2023.12` });
    const blocked = (is: true | null) =>
      client.indices.putSettings({
        index: `${b.alias}-2023.11`,
        settings: { 'index.blocks.read_only_allow_delete': is },
      });
    await blocked(true);
    const sink = await b.start();
    await b.send([event(3), event(4, { 'event-collector_tstamp': '2023-12-01T00:00:00Z' })], 0);
    await vi.waitFor(
      async () => {
        // Elasticsearch takes such blocks away by itself once after each start.
        await blocked(true);
        expect(sink.stats().writes.retries).toBeGreaterThan(5);
      },
      { timeout: 30_000, interval: 200 },
    );
    await blocked(null);
    await drained(sink);
    await sink.stop();
    expect((await b.failures()).map(({ failure }) => failure.errors[0]!.code)).toEqual([
      'elasticsearch_index_closed_exception',
    ]);
    await client.indices.open({ index: `${b.alias}-2023.12` });
    expect(await b.documents()).toHaveLength(3);
  });

  it('makes an index again that somebody deletes, with its mapping and alias', async () => {
    const b = await bench();
    await client.cluster.putSettings({ persistent: { 'action.auto_create_index': 'false' } });
    const sink = await b.start();
    await b.send([event(1)]);
    await drained(sink);
    await client.indices.delete({ index: `${b.alias}-2023.11` });
    await b.send([event(2)]);
    await drained(sink);
    await sink.stop();
    await client.cluster.putSettings({ persistent: { 'action.auto_create_index': null } });
    expect((await b.documents()).map(({ source }) => source.tracking['event-event_fingerprint'])).toEqual([
      'f2',
    ]);
  });

  it('refuses an alias, a template or an index that is not its own', async () => {
    const b = await bench();
    await client.indices.create({ index: b.alias });
    await expect(b.start()).rejects.toMatchObject({
      code: 'SCHEMA_FOREIGN',
      remedy: expect.stringContaining('--elasticsearch-index'),
    });
    await client.indices.delete({ index: b.alias });
    await client.indices.create({ index: `${b.alias}-2020.01` });
    await expect(b.start()).rejects.toMatchObject({ code: 'SCHEMA_FOREIGN' });
    await client.indices.delete({ index: `${b.alias}-2020.01` });
    await (await b.start()).stop();
    const name = `clickproof-${b.alias}`;
    await client.indices.putIndexTemplate({
      name,
      index_patterns: [`${b.alias}-*`],
      _meta: { clickproof: 99 },
    });
    await expect(b.start()).rejects.toMatchObject({ code: 'SCHEMA_NEWER' });
  });

  it('says when there is no Elasticsearch, or something else, or no permission', async () => {
    const b = await bench();
    await expect(
      b.start({ elasticsearchUrl: 'http://127.0.0.1:9', sinkConnectTimeout: 1 }),
    ).rejects.toMatchObject({
      code: 'ELASTICSEARCH_UNREACHABLE',
      remedy: expect.stringContaining('--elasticsearch-url'),
    });
    let status = 200;
    const other = createServer((_, answer) => {
      answer.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    }).listen(0, '127.0.0.1');
    await vi.waitFor(() => expect(other.listening).toBe(true));
    const { port } = other.address() as { port: number };
    const elasticsearchUrl = `http://ann:secret@127.0.0.1:${port}`;
    await expect(b.start({ elasticsearchUrl })).rejects.toMatchObject({ code: 'ELASTICSEARCH_FOREIGN' });
    status = 401;
    await expect(b.start({ elasticsearchUrl })).rejects.toMatchObject({
      code: 'ELASTICSEARCH_DENIED',
      message: expect.not.stringContaining('secret'),
    });
    other.close();
  });
});
