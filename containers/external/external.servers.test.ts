import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type SpawnedServer, spawnClickHouseServer } from '../../pipeline/clickhouse-server/spawn-server.ts';
import { DEFAULT_SIZE_LIMITS } from '../../pipeline/contracts/access-log.ts';
import { pipelineTopics } from '../../pipeline/contracts/topic-specs.ts';
import { DEFAULT_TOPICS } from '../../pipeline/contracts/topics.ts';
import { openKafkaLog } from '../../pipeline/log/kafka/index.ts';
import { Kafka } from '../../pipeline/log/kafka/kafkajs.ts';
import { TEST_USER } from '../../pipeline/log/kafka/testing/broker.ts';
import { withOwnBroker } from '../../pipeline/log/kafka/testing/with-broker.ts';
import { RedisServer } from '../../pipeline/profile/redis/testing/redis-server.ts';
import type { Result } from '../../reports/result.ts';
import type { SuiteResult } from '../../reports/suite-result.ts';
import { CLICKPROOF } from '../../scenarios/correctness/embedded.ts';
import { startElasticsearch } from '../definitions/elasticsearch.ts';
import { closeNetwork, openNetwork } from '../definitions/network.ts';
import { engineForTests, testRun } from '../testing/engine.ts';
import { selfSigned, startTlsProxy, type TlsProxy } from '../testing/tls-proxy.ts';

const { engine, why } = await engineForTests();
const PASSWORD = 'not-a-secret';
const TIMEOUT = 300_000;

describe.skipIf(!engine)(`services that are somebody's own, by TLS and with credentials ${why}`, () => {
  withOwnBroker('on a Kafka of their own', (broker) => {
    const run = testRun('external');
    const folder = mkdtempSync(join(tmpdir(), 'clickproof-external-'));
    const undo: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
    let services: Record<string, Record<string, unknown>>;
    let redis: RedisServer;
    let clickhouse: SpawnedServer;
    let elasticsearchUrl: string;

    beforeAll(async () => {
      const tls = selfSigned(folder);
      const context = await openNetwork(engine!, run);
      undo.push(() => closeNetwork(context));
      const proxied = async (...args: Parameters<typeof startTlsProxy>): Promise<TlsProxy> => {
        const proxy = await startTlsProxy(...args);
        undo.push(() => proxy.close());
        return proxy;
      };
      const elasticsearch = await startElasticsearch(context);
      elasticsearchUrl = elasticsearch.url;
      const login = `Basic ${Buffer.from(`analyst:${PASSWORD}`).toString('base64')}`;
      const elasticsearchByTls = await proxied(elasticsearch.url, tls, login);
      clickhouse = await spawnClickHouseServer({ path: join(folder, 'clickhouse'), password: PASSWORD });
      undo.push(() => clickhouse.kill());
      const clickhouseByTls = await proxied(clickhouse.url, tls);
      const options = ['--requirepass', PASSWORD, '--appendonly', 'yes', '--maxmemory-policy', 'noeviction'];
      redis = await RedisServer.start(options);
      undo.push(() => redis.close());
      const kafkaCaFile = join(folder, 'kafka.pem');
      writeFileSync(kafkaCaFile, broker().certificate);
      services = {
        pipeline: {
          ...{ eventLog: 'kafka', kafkaBrokers: [broker().secureAddress], kafkaTls: true, kafkaCaFile },
          ...{ kafkaUser: TEST_USER.username, kafkaPassword: TEST_USER.password, profiles: 'redis' },
          ...{ partitions: 3, topics: { raw: 'web_raw', persisted: 'web_persisted' } },
          groups: { parser: 'web_parser' },
        },
        redis: { redisUrl: `redis://:${PASSWORD}@127.0.0.1:${redis.port}/2` },
        clickhouseSink: {
          ...{ clickhouseUrl: clickhouseByTls.url, clickhouseDatabase: 'web' },
          ...{ clickhousePassword: PASSWORD, clickhouseCaFile: tls.certificate },
        },
        elasticsearchSink: {
          ...{ elasticsearchUrl: elasticsearchByTls.url, elasticsearchIndex: 'web_persisted' },
          ...{ elasticsearchUser: 'analyst', elasticsearchPassword: PASSWORD },
          elasticsearchCaFile: tls.certificate,
        },
      };
    }, TIMEOUT);

    afterAll(async () => {
      for (const step of undo.reverse()) await step();
    }, 60_000);

    let runs = 0;
    /** Runs a command as users do. */
    async function command(
      name: string,
      sections: Record<string, unknown>,
      flags: readonly string[],
      environment: Record<string, string> = {},
    ) {
      const out = join(folder, `run-${++runs}`);
      const config = `${out}.yaml`;
      writeFileSync(config, stringify({ ...services, ...sections }));
      const args = [name, '--stack', 'external', '--config', config, '--out', out, ...flags];
      const [node, ...rest] = [...CLICKPROOF, ...args] as [string, ...string[]];
      const env = { ...process.env, ...environment };
      const { failed, stdout, stderr } = await promisify(execFile)(node, rest, { env }).then(
        (said) => ({ ...said, failed: false }),
        (error: { stdout: string; stderr: string }) => ({ ...error, failed: true }),
      );
      return { said: `${stdout}\n${stderr}`, failed, out };
    }

    async function simulate(
      sections: Record<string, unknown> = {},
      flags: readonly string[] = ['--duration', '4s', '--rate', '60/s'],
    ) {
      const { out, ...ran } = await command('simulate', sections, flags);
      const result = () => JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as Result;
      return { ...ran, result };
    }
    const clean = ({ verdict, reasons, findings }: Result) => ({ verdict, reasons, findings });
    const CLEAN = { verdict: 'pass', reasons: [], findings: [] };
    const hopsOf = ({ hops }: Result) => hops.map(({ hop, read }) => [hop, read]);

    it(
      'are what two runs at once use, and each accounts for its own events',
      async () => {
        const [first, second] = await Promise.all([
          simulate({}, ['--duration', '6s', '--rate', '40/s', '--faulty', '20%']),
          simulate({}, ['--duration', '6s', '--rate', '40/s', '--faulty', '20%', '--seed', '2']),
        ]);
        for (const { result, said } of [first, second]) {
          expect(clean(result()), said).toEqual(CLEAN);
          expect(hopsOf(result()).map(([hop]) => hop)).toEqual([
            ...['access log', 'web_raw', 'tracking_processed', 'tracking_failed', 'tracking_flattened'],
            ...['profiles', 'web_persisted', 'ClickHouse', 'Elasticsearch'],
          ]);
          expect(hopsOf(result()).every(([, read]) => read)).toBe(true);
          expect(said).not.toContain(PASSWORD);
        }
        // Each saw what the other sent, and took none of it for its own.
        const seen = (one: Result) => one.hops.find(({ hop }) => hop === 'web_raw')!.foreign;
        expect(seen(first.result()) + seen(second.result())).toBeGreaterThan(0);
      },
      TIMEOUT,
    );

    it(
      'are rid of a run’s events by what it says at its end, and of no others',
      async () => {
        const { said, result } = await simulate();
        const { mark } = result().traffic;
        const before = await stored();
        expect(before.clickhouse[mark]).toBeGreaterThan(0);
        expect(before.elasticsearch[mark]).toBe(before.clickhouse[mark]);
        for (const [, statement] of said.matchAll(/^ +ClickHouse +(ALTER .*)$/gm)) await sql(statement!);
        const [, path, query] = /^ +Elasticsearch +POST (\S+) (.*)$/m.exec(said)!;
        await deleteMatching(path!, query!);
        const keys = /^ +Redis .*< (.*)$/m.exec(said)![1]!;
        const client = new Redis(redis.url, { password: PASSWORD, db: 2 });
        const profiles = async () => (await client.keys('*:v:*')).length;
        const visitors = result().hops.find(({ hop }) => hop === 'profiles')!.delivered;
        const had = await profiles();
        for (const line of readFileSync(keys, 'utf8').trim().split('\n')) {
          const [command, key] = line.split(' ') as [string, string];
          await client.call(command, JSON.parse(key) as string);
        }
        expect(await profiles()).toBe(had - visitors);
        await client.quit();
        const { [mark]: _, ...others } = before.clickhouse;
        expect(await stored()).toEqual({ clickhouse: others, elasticsearch: others });
      },
      TIMEOUT,
    );

    it(
      'are not sent to twice under one mark',
      async () => {
        const flags = ['--duration', '2s', '--rate', '30/s', '--mark', 'mine'];
        expect((await simulate({}, flags)).result().verdict).toBe('pass');
        const again = await simulate({}, flags);
        expect(again.failed).toBe(true);
        expect(again.said).toMatch(/holds events of mine already/);
      },
      TIMEOUT,
    );

    it(
      'are what the correctness suite runs on, which does nothing to them, and says how they are rid of it',
      async () => {
        const { kafkaPassword, ...pipeline } = services.pipeline!;
        const kafka = openKafkaLog({ brokers: [broker().address] });
        const client = new Redis(redis.url, { password: PASSWORD, db: 2 });
        undo.push(
          () => kafka.close(),
          () => client.disconnect(),
        );
        await kafka.ensureTopics(
          pipelineTopics(
            { ...DEFAULT_TOPICS, raw: 'web_raw' },
            { partitions: 3, limits: DEFAULT_SIZE_LIMITS },
          ),
        );
        await client.set('theirs', 'kept');
        const theirs = async () => ({
          raw: await kafka.ends('web_raw'),
          key: await client.get('theirs'),
          since: /process_id:\d+/.exec(await client.info('server'))![0],
        });
        const before = await theirs();
        const { said, failed, out } = await command(
          'verify',
          { pipeline },
          ['--scenario', 'aborted-transactions', '--scenario', 'truncation-ahead'],
          { CLICKPROOF_PIPELINE_KAFKA_PASSWORD: String(kafkaPassword) },
        );
        const { scenarios, coverage } = JSON.parse(
          readFileSync(join(out, 'suite.json'), 'utf8'),
        ) as SuiteResult;
        expect(
          scenarios.map(({ verdict, reasons }) => ({ verdict, reasons })),
          said,
        ).toEqual(Array.from({ length: 2 }, () => ({ verdict: 'pass', reasons: [] })));
        expect(failed).toBe(false);
        expect(coverage.map(({ fault, where }) => [fault, where])).toEqual([
          ['aborted transactions', 'tracking_raw'],
          ['aborted transactions', 'tracking_processed'],
          ['aborted transactions', 'tracking_flattened'],
          ['truncation ahead of the shipper', 'shipper'],
        ]);
        expect(await theirs()).toEqual(before);
        for (const file of readdirSync(out, { recursive: true, withFileTypes: true })) {
          if (!file.isFile()) continue;
          expect(readFileSync(join(file.parentPath, file.name), 'utf8')).not.toContain(PASSWORD);
        }
        expect(said).not.toContain(PASSWORD);

        const run = /begins with (clickproof-verify-[0-9a-f]{8}) there/.exec(said)![1]!;
        const left = async () => ({
          rows: await count(`SELECT count() AS n FROM web.events WHERE startsWith(name_tracker, '${run}')`),
          failures: await count(
            `SELECT count() AS n FROM web.failed WHERE startsWith(source_topic, '${run}')`,
          ),
          documents: await documentsOf(`${run}-`),
          keys: (await client.keys(`*${run}*`)).length,
        });
        for (const [what, number] of Object.entries(await left())) expect(number, what).toBeGreaterThan(0);
        for (const [, statement] of said.matchAll(/^ +ClickHouse +(ALTER .*)$/gm)) await sql(statement!);
        const [, path, query] = /^ +Elasticsearch +POST (\S+) (.*)$/m.exec(said)!;
        await deleteMatching(path!, query!);
        const unlink = /^ +Redis +(redis-cli .*)$/m.exec(said)![1]!;
        const url = `redis://default:${PASSWORD}@127.0.0.1:${redis.port}/2`;
        await promisify(execFile)('sh', ['-c', unlink.replaceAll('<your Redis>', url)]);
        expect(await left()).toEqual({ rows: 0, failures: 0, documents: 0, keys: 0 });
        expect((await theirs()).key).toBe('kept');
        const topics = new RegExp(`^${/--delete --topic '(.*)'$/m.exec(said)![1]!}$`);
        const admin = new Kafka({ brokers: [broker().address] }).admin();
        await admin.connect();
        const there = await admin.listTopics();
        await admin.disconnect();
        expect(there.filter((topic) => topics.test(topic))).toEqual(
          there.filter((topic) => topic.includes(run)),
        );
        expect(there.filter((topic) => topics.test(topic))).toContain(`${run}-1-web_raw`);
      },
      TIMEOUT,
    );

    describe('with a pipeline that is there already', () => {
      let collector: string;

      beforeAll(async () => {
        const configFile = join(folder, 'deployed.yaml');
        writeFileSync(configFile, stringify(services));
        const { startOwnPipeline } = await import('./own-pipeline.ts');
        const { externalSetup } = await import('../../cli/run/external-setup.ts');
        const stack = await startOwnPipeline(
          {
            ...{ configFile, dataDir: join(folder, 'deployed'), clickproof: CLICKPROOF },
            shipperId: 'deployed',
          },
          externalSetup(configFile, false).services,
        );
        undo.push(() => stack.stop());
        collector = stack.collectorUrl;
      }, TIMEOUT);

      it(
        'this project’s: all its topics and stores are read',
        async () => {
          const { said, result } = await simulate({ external: { collector, settle: '1s', patience: '20s' } });
          expect(clean(result()), said).toEqual(CLEAN);
          expect(hopsOf(result()).map(([hop]) => hop)).toEqual([
            ...['web_raw', 'tracking_processed', 'tracking_failed', 'tracking_flattened', 'profiles'],
            ...['web_persisted', 'ClickHouse', 'Elasticsearch'],
          ]);
        },
        TIMEOUT,
      );

      it(
        'somebody else’s: the declared hops are read',
        async () => {
          const fields = { page_url: 'event-page_url', user_id: 'event-user_id' };
          const nested = Object.fromEntries(
            Object.entries(fields).map(([name, path]) => [name, `tracking.${path}`]),
          );
          const hops = [
            { kind: 'kafka', topic: 'tracking_flattened', id: 'event-event_id', fields, repeats: 'kept' },
            { kind: 'kafka', topic: 'web_persisted', id: 'event-event_id', fields },
            {
              ...{ kind: 'clickhouse', name: 'events', repeats: 'removed' },
              sql: "SELECT event_id AS id, page_url, nullIf(user_id, '') AS user_id FROM web.events FINAL WHERE name_tracker = {mark: String};",
            },
            {
              ...{ kind: 'elasticsearch', index: 'web_persisted', fields: nested, repeats: 'removed' },
              query: { term: { 'tracking.event-name_tracker': '{mark}' } },
            },
          ];
          const { said, result } = await simulate(
            { external: { collector, hops, settle: '1s', patience: '20s' } },
            ['--duration', '4s', '--rate', '60/s', '--faulty', '0%'],
          );
          expect(clean(result()), said).toEqual(CLEAN);
          expect(hopsOf(result()).map(([hop]) => hop)).toEqual([
            ...['tracking_flattened', 'web_persisted', 'events', 'web_persisted'],
          ]);
          for (const { expected, delivered } of result().hops) {
            expect(delivered).toBe(expected);
            expect(delivered).toBeGreaterThan(50);
          }
        },
        TIMEOUT,
      );
    });

    /** Events by mark, in either store. */
    async function stored() {
      const rows = (await sql(
        'SELECT name_tracker AS mark, toUInt32(count()) AS events FROM web.events FINAL GROUP BY mark FORMAT JSON',
      )) as { data: { mark: string; events: number }[] };
      const { aggregations } = (await search(
        '/web_persisted/_search',
        '{"size":0,"aggs":{"marks":{"terms":{"field":"tracking.event-name_tracker","size":100}}}}',
      )) as { aggregations: { marks: { buckets: { key: string; doc_count: number }[] } } };
      return {
        clickhouse: Object.fromEntries(rows.data.map(({ mark, events }) => [mark, events])),
        elasticsearch: Object.fromEntries(
          aggregations.marks.buckets.map(({ key, doc_count }) => [key, doc_count]),
        ),
      };
    }

    async function count(query: string): Promise<number> {
      const { data } = (await sql(`${query} FORMAT JSON`)) as { data: [{ n: string }] };
      return Number(data[0].n);
    }

    async function documentsOf(prefix: string): Promise<number> {
      const query = { prefix: { 'tracking.event-name_tracker': prefix } };
      await search('/web_persisted/_refresh', '');
      const { count } = (await search('/web_persisted/_count', JSON.stringify({ query }))) as {
        count: number;
      };
      return count;
    }

    /** An assembled Elasticsearch has no `_delete_by_query`; what the query finds is what it would delete. */
    async function deleteMatching(path: string, query: string): Promise<void> {
      const index = path.replace('/_delete_by_query', '');
      expect(index).toBe('/web_persisted');
      const { hits } = (await search(
        `${index}/_search`,
        JSON.stringify({ ...JSON.parse(query), size: 10_000 }),
      )) as {
        hits: { hits: { _index: string; _id: string }[] };
      };
      const lines = hits.hits.map(({ _index, _id }) => `${JSON.stringify({ delete: { _index, _id } })}\n`);
      if (lines.length > 0) await search('/_bulk?refresh=true', lines.join(''));
    }

    async function sql(statement: string): Promise<unknown> {
      const settings = new URLSearchParams({ user: 'default', password: PASSWORD, mutations_sync: '1' });
      const answer = await fetch(`${clickhouse.url}/?${settings}`, { method: 'POST', body: statement });
      const text = await answer.text();
      expect(answer.status, text).toBe(200);
      return text.startsWith('{') ? JSON.parse(text) : undefined;
    }

    async function search(path: string, body: string): Promise<unknown> {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${elasticsearchUrl}${path}`, { method: 'POST', headers, body });
      expect(answer.status).toBe(200);
      return answer.json();
    }
  });
});
