import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { withOwnBroker } from '../../pipeline/log/kafka/testing/with-broker.ts';
import type { Result } from '../../reports/result.ts';
import { CLICKPROOF } from '../../scenarios/correctness/embedded.ts';
import { engineForTests } from '../testing/engine.ts';
import { OwnServices, PASSWORD } from './testing/own-services.ts';

const { engine, why } = await engineForTests();
const TIMEOUT = 300_000;

describe.skipIf(!engine)(`services that are somebody's own, by TLS and with credentials ${why}`, () => {
  withOwnBroker('on a Kafka of their own', (broker) => {
    const own = new OwnServices();
    beforeAll(() => own.start(engine!, broker()), TIMEOUT);
    afterAll(() => own.stop(), 60_000);

    /** Runs the command as users do. */
    async function simulate(
      sections: Record<string, unknown> = {},
      flags: readonly string[] = ['--duration', '4s', '--rate', '60/s'],
    ) {
      const { out, ...ran } = await own.run('simulate', flags, { sections });
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
          simulate({}, ['--duration', '12s', '--rate', '40/s', '--faulty', '20%']),
          simulate({}, ['--duration', '12s', '--rate', '40/s', '--faulty', '20%', '--seed', '2']),
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
        await own.deleteAsSaid(said);
        const keys = /^ +Redis .*< (.*)$/m.exec(said)![1]!;
        const client = new Redis(own.redis.url, { password: PASSWORD, db: 2 });
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

    describe('with a pipeline that is there already', () => {
      let collector: string;

      beforeAll(async () => {
        const configFile = join(own.folder, 'deployed.yaml');
        writeFileSync(configFile, stringify(own.sections));
        const { startOwnPipeline } = await import('./own-pipeline.ts');
        const { externalSetup } = await import('../../cli/run/external-setup.ts');
        const stack = await startOwnPipeline(
          {
            ...{ configFile, dataDir: join(own.folder, 'deployed'), clickproof: CLICKPROOF },
            shipperId: 'deployed',
          },
          externalSetup(configFile, false).services,
        );
        own.undoLater(() => stack.stop());
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
      const rows = (await own.sql(
        'SELECT name_tracker AS mark, toUInt32(count()) AS events FROM web.events FINAL GROUP BY mark FORMAT JSON',
      )) as { data: { mark: string; events: number }[] };
      const { aggregations } = (await own.search(
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
  });
});
