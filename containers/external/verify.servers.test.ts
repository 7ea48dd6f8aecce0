import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import type { Admin } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_SIZE_LIMITS } from '../../pipeline/contracts/access-log.ts';
import { eventually } from '../../pipeline/contracts/testing/eventually.ts';
import { pipelineTopics } from '../../pipeline/contracts/topic-specs.ts';
import { DEFAULT_TOPICS } from '../../pipeline/contracts/topics.ts';
import { openKafkaLog } from '../../pipeline/log/kafka/index.ts';
import { Kafka } from '../../pipeline/log/kafka/kafkajs.ts';
import { withOwnBroker } from '../../pipeline/log/kafka/testing/with-broker.ts';
import type { SuiteResult } from '../../reports/suite-result.ts';
import { engineForTests } from '../testing/engine.ts';
import { OwnServices, PASSWORD, type Ran } from './testing/own-services.ts';

const { engine, why } = await engineForTests();
const TIMEOUT = 300_000;

describe.skipIf(!engine)(`the correctness suite on services that are somebody's own ${why}`, () => {
  withOwnBroker('with a Kafka of their own', (broker) => {
    const own = new OwnServices();
    let client: Redis;
    let before: object;
    let ran: Ran;
    let run: string;

    beforeAll(async () => {
      await own.start(engine!, broker());
      client = new Redis(own.redis.url, { password: PASSWORD, db: 2 });
      own.undoLater(() => client.disconnect());
      await client.set('theirs', 'kept');
      const kafka = openKafkaLog({ brokers: [broker().address] });
      const topics = { ...DEFAULT_TOPICS, raw: 'web_raw', persisted: 'web_persisted' };
      await kafka.ensureTopics(pipelineTopics(topics, { partitions: 3, limits: DEFAULT_SIZE_LIMITS }));
      await kafka.close();
      // A topic is there before each partition has a leader.
      before = await eventually(theirs);
      // What a file that others read should not hold.
      const { kafkaPassword, ...pipeline } = own.sections.pipeline!;
      ran = await own.run('verify', ['--scenario', 'truncation-ahead'], {
        sections: { pipeline },
        environment: { CLICKPROOF_PIPELINE_KAFKA_PASSWORD: String(kafkaPassword) },
      });
      run = /begins with (clickproof-verify-[0-9a-f]{8}) there/.exec(ran.said)?.[1] ?? ran.said;
    }, TIMEOUT);
    afterAll(() => own.stop(), 60_000);

    it('passes, in topics of its own', () => {
      const { scenarios, coverage } = JSON.parse(
        readFileSync(join(ran.out, 'suite.json'), 'utf8'),
      ) as SuiteResult;
      const verdicts = scenarios.map(({ name, verdict, reasons }) => ({ name, verdict, reasons }));
      expect(verdicts, ran.said).toEqual([{ name: 'truncation-ahead', verdict: 'pass', reasons: [] }]);
      expect(coverage.map(({ fault, where }) => `${fault}: ${where}`)).toEqual([
        'truncation ahead of the shipper: shipper',
      ]);
      expect(scenarios[0]!.seen.join()).toContain(`lost at ${run}-1-web_raw`);
      expect(ran.failed).toBe(false);
    });

    it('leaves their topics, their keys and the servers as they were', async () => {
      expect(await theirs()).toEqual(before);
    });

    it('shows no password, in nothing that it says or writes', () => {
      const files = readdirSync(ran.out, { recursive: true, withFileTypes: true }).filter((one) =>
        one.isFile(),
      );
      expect(files.length).toBeGreaterThan(2);
      const texts = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
      for (const text of [ran.said, ...texts]) expect(text).not.toContain(PASSWORD);
    });

    it('says how they are rid of what it left, and of nothing else', async () => {
      for (const [what, number] of Object.entries(await left())) expect(number, what).toBeGreaterThan(0);
      expect(await strays()).toEqual({ rows: 0, documents: 0 });
      await own.deleteAsSaid(ran.said);
      const unlink = /^ +Redis +(redis-cli .*)$/m.exec(ran.said)![1]!;
      const url = `redis://default:${PASSWORD}@127.0.0.1:${own.redis.port}/2`;
      await promisify(execFile)('sh', ['-c', unlink.replaceAll('<your Redis>', url)]);
      const topics = new RegExp(`^${/--delete --topic '(.*)'$/m.exec(ran.said)![1]!}$`);
      await withAdmin(async (admin) => {
        await admin.deleteTopics({
          topics: (await admin.listTopics()).filter((topic) => topics.test(topic)),
        });
      });
      expect(await left()).toEqual({ rows: 0, failures: 0, documents: 0, keys: 0, topics: 0 });
      expect(await theirs()).toEqual(before);
    });

    /** What is none of the run's. */
    async function theirs(): Promise<object> {
      const ends = await withAdmin(async (admin) => {
        const mine = (await admin.listTopics()).filter((topic) => !topic.startsWith('clickproof-verify-'));
        const named = mine.filter((topic) => !topic.startsWith('__')).sort();
        return Promise.all(named.map(async (topic) => [topic, await admin.fetchTopicOffsets(topic)]));
      });
      const info = await client.info('server');
      return { ends, key: await client.get('theirs'), redis: /process_id:\d+/.exec(info)![0] };
    }

    /** Events that nobody would find by the run's name. */
    async function strays(): Promise<object> {
      const others = `SELECT toUInt32(count()) AS n FROM web.events WHERE NOT startsWith(name_tracker, '${run}') FORMAT JSON`;
      const { data } = (await own.sql(others)) as { data: [{ n: number }] };
      await own.search('/web_persisted/_refresh', '');
      const query = { bool: { must_not: { prefix: { 'tracking.event-name_tracker': run } } } };
      const { count } = (await own.search('/web_persisted/_count', JSON.stringify({ query }))) as {
        count: number;
      };
      return { rows: data[0].n, documents: count };
    }

    /** What is the run's, by kind. */
    async function left(): Promise<Record<string, number>> {
      const count = async (table: string, column: string) => {
        const where = `startsWith(${column}, '${run}')`;
        const sql = `SELECT toUInt32(count()) AS n FROM web.${table} WHERE ${where} FORMAT JSON`;
        const { data } = (await own.sql(sql)) as { data: [{ n: number }] };
        return data[0].n;
      };
      await own.search('/web_persisted/_refresh', '');
      const query = { prefix: { 'tracking.event-name_tracker': run } };
      const found = await own.search('/web_persisted/_count', JSON.stringify({ query }));
      const topics = await withAdmin((admin) => admin.listTopics());
      return {
        rows: await count('events', 'name_tracker'),
        failures: await count('failed', 'source_topic'),
        documents: (found as { count: number }).count,
        keys: (await client.keys(`*${run}*`)).length,
        topics: topics.filter((topic) => topic.includes(run)).length,
      };
    }

    async function withAdmin<T>(ask: (admin: Admin) => Promise<T>): Promise<T> {
      const admin = new Kafka({ brokers: [broker().address] }).admin();
      await admin.connect();
      try {
        return await ask(admin);
      } finally {
        await admin.disconnect();
      }
    }
  });
});
