import { createClient } from '@clickhouse/client';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineForTests, testRun } from '../testing/engine.ts';
import { createTopic, produce, readUntil } from '../testing/kafka.ts';
import { type Servers, startServers } from './index.ts';

const { engine, why } = await engineForTests();

describe.skipIf(!engine)(`the servers of the containers stack ${why}`, () => {
  const run = testRun('servers');
  let servers: Servers;

  beforeAll(async () => {
    servers = await startServers(engine!, { run, proxied: true });
  });
  afterAll(async () => {
    await servers?.stop();
    const left = await engine!.docker.listContainers({ all: true, filters: { name: [run] } });
    expect(left).toEqual([]);
  }, 60_000);

  it('Kafka takes records and gives them back, directly and through the proxy', async () => {
    for (const broker of [servers.kafka.broker, servers.toxiproxy!.proxies['parser-kafka']!]) {
      expect(await roundTrip(broker, `topic-${broker.replace(/\W/g, '-')}`)).toEqual(['one', 'two']);
    }
  });

  it('Kafka keeps what it took when it is killed, and comes back on the same port', async () => {
    const { broker, service } = servers.kafka;
    await createTopic(broker, 'survives');
    await produce(broker, 'survives', ['one', 'two']);
    await service.signal('SIGKILL');
    await service.start();
    expect(await consume(broker, 'survives', 2)).toEqual(['one', 'two']);
  });

  it('Redis is set up not to drop keys, and comes back with its data when it is killed', async () => {
    const redis = new Redis(servers.redis.url, { maxRetriesPerRequest: 50 });
    redis.on('error', () => {}); // while it is down
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
    await redis.set('key', 'value');
    await servers.redis.service.signal('SIGKILL');
    await servers.redis.service.start();
    expect(await redis.get('key')).toBe('value');
    redis.disconnect();
  });

  it('Redis is reached through the proxy', async () => {
    const redis = new Redis(`redis://${servers.toxiproxy!.proxies['persister-redis']}`);
    expect(await redis.ping()).toBe('PONG');
    redis.disconnect();
  });

  it('Elasticsearch takes a bulk, refuses a repeat, and finds what it has', async () => {
    const { url } = servers.elasticsearch;
    const root = await fetch(url);
    expect(root.headers.get('x-elastic-product')).toBe('Elasticsearch');
    const documents = [
      { create: { _index: 'events', _id: '1' } },
      { tracking: { 'event-app_id': 'shop' } },
      { create: { _index: 'events', _id: '1' } },
      { tracking: { 'event-app_id': 'other' } },
    ];
    const bulk = await post(
      `${url}/_bulk?refresh=true`,
      `${documents.map((d) => JSON.stringify(d)).join('\n')}\n`,
    );
    expect(bulk.items.map((item: { create: { status: number } }) => item.create.status)).toEqual([201, 409]);
    const found = await post(
      `${url}/events/_search`,
      JSON.stringify({ aggs: { apps: { terms: { field: 'tracking.event-app_id.keyword' } } } }),
    );
    expect(found.aggregations.apps.buckets).toEqual([{ key: 'shop', doc_count: 1 }]);
  });

  it('ClickHouse runs statements and takes rows, directly and through the proxy', async () => {
    for (const url of [
      servers.clickhouse.url,
      `http://${servers.toxiproxy!.proxies['clickhouse-sink-clickhouse']}`,
    ]) {
      const client = createClient({ url });
      expect(await client.ping()).toEqual({ success: true });
      await client.command({
        query: 'CREATE OR REPLACE TABLE t (n UInt64, s String) ENGINE = MergeTree ORDER BY n',
      });
      await client.insert({ table: 't', values: [{ n: 1, s: 'ä' }], format: 'JSONEachRow' });
      const result = await client.query({ query: 'SELECT n, s FROM t', format: 'JSONEachRow' });
      expect(await result.json()).toEqual(
        [{ n: 1, s: 'ä' }].map((row) => ({ ...row, n: expect.anything() })),
      );
      await client.close();
    }
  });

  it('says of each what image it runs, and what only stands in for another', async () => {
    expect(servers.services.map(({ name }) => name)).toEqual([
      'kafka',
      'redis',
      'elasticsearch',
      'clickhouse',
      'toxiproxy',
    ]);
    for (const { name, image } of servers.services) {
      const standsIn = name === 'clickhouse' && image.origin === 'assembled';
      expect(image.standIn === undefined).toBe(!standsIn);
    }
  });

  it('ClickHouse is told to log where its log is looked for', async () => {
    const { output } = await servers.clickhouse.service.exec([
      'cat',
      '/etc/clickhouse-server/config.d/clickproof-log.xml',
    ]);
    expect(output).toContain('<console>1</console>');
  });

  it('hands out logs and memory', async () => {
    expect(await servers.redis.service.logs()).toMatch(/Ready to accept connections/);
    expect(await servers.redis.service.memory()).toBeGreaterThan(100_000);
  });
});

async function post(url: string, body: string) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body,
  });
  expect(answer.status).toBe(200);
  // biome-ignore lint/suspicious/noExplicitAny: what a server answers
  return (await answer.json()) as any;
}

async function roundTrip(broker: string, topic: string): Promise<string[]> {
  await createTopic(broker, topic);
  await produce(broker, topic, ['one', 'two']);
  return consume(broker, topic, 2);
}

async function consume(broker: string, topic: string, count: number): Promise<string[]> {
  const records = await readUntil(broker, topic, ({ length }) => length === count);
  return records.map(({ value }) => value);
}
