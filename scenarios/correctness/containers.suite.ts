import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ControlledStack } from '../../containers/controlled-stack.ts';
import { startContainersStack } from '../../containers/definitions/stack.ts';
import type { Stack } from '../../containers/stack.ts';
import { engineForTests, testRun } from '../../containers/testing/engine.ts';
import type { Result } from '../../reports/result.ts';
import { readIntents } from '../../simulator/ledger/index.ts';
import { runTraffic } from '../runs/run-traffic.ts';
import { CLEAN, CLICKPROOF, outcome, simulated } from './embedded.ts';

const { engine, why } = await engineForTests();

/** One bucket of what the events are counted by. */
type Counts = Readonly<Record<string, number>>;

describe.skipIf(!engine)(`the pipeline on real servers in containers ${why}`, () => {
  const run = testRun('stack');
  let folder: string;
  let stack: ControlledStack | undefined;
  let result: Result;
  let sent: Ledgered;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'clickproof-containers-'));
    stack = await startContainersStack({ run, dataDir: join(folder, 'data'), clickproof: CLICKPROOF });
    result = await runTraffic({
      stack,
      traffic: simulated({ duration: '5s', rate: '120/s', seed: 11, visitors: 200, faulty: 0, bots: 0 }),
      folder,
      command: 'scenario',
      reproduce: '',
      stopSending: new AbortController().signal,
    });
    sent = await ledgered(join(folder, 'ledger'));
  }, 400_000);

  afterAll(async () => {
    await stack?.stop();
    await rm(folder, { recursive: true, force: true });
    const left = await engine!.docker.listContainers({ all: true, filters: { name: [run] } });
    expect(left).toEqual([]);
  }, 60_000);

  it('accounts for every event at every hop, in Elasticsearch too', () => {
    expect(outcome(result)).toEqual(CLEAN);
    expect(result.stack.kind).toBe('containers');
    expect(result.hops.map(({ hop, read }) => [hop, read])).toEqual(
      [
        ...['access log', 'tracking_raw', 'tracking_processed', 'tracking_failed', 'tracking_flattened'],
        ...['profiles', 'tracking_persisted', 'ClickHouse', 'Elasticsearch'],
      ].map((hop) => [hop, true]),
    );
    expect(result.hops.at(-1)!.delivered).toBeGreaterThan(300);
    expect(result.restarts).toEqual([]);
  });

  it('gives the ledger’s numbers to queries of Elasticsearch as of ClickHouse', async () => {
    const { buckets, events, visitors } = await elasticsearchNumbers(stack!.elasticsearch!);
    expect(buckets.kinds).toEqual(sent.kinds);
    expect(sum(buckets.seconds)).toBe(sent.events);
    expect(buckets.seconds).toEqual(await clickhouseCounts('toString(toUnixTimestamp(collector_tstamp))'));
    expect(await clickhouseCounts('event')).toEqual(sent.kinds);
    expect({ events, visitors }).toEqual({ events: sent.events, visitors: sent.visitors });
    const [row] = await clickhouse<{ events: string; visitors: string }>(
      'SELECT toString(uniqExact(event_id)) AS events, toString(uniqExactIf(domain_userid, notEmpty(domain_userid))) AS visitors FROM events FINAL',
    );
    expect(row).toEqual({ events: String(sent.events), visitors: String(sent.visitors) });
  });

  async function clickhouseCounts(by: string): Promise<Counts> {
    const rows = await clickhouse<{ key: string; events: string }>(
      `SELECT ${by} AS key, toString(count()) AS events FROM events FINAL GROUP BY key`,
    );
    return Object.fromEntries(rows.map(({ key, events }) => [key, Number(events)]));
  }

  async function clickhouse<Row>(query: string): Promise<Row[]> {
    const { url, database } = stack!.clickhouse;
    const client = createClient({ url, database });
    try {
      return await (await client.query({ query, format: 'JSONEachRow' })).json<Row>();
    } finally {
      await client.close();
    }
  }
});

it.skipIf(!engine)(
  `accounts for every event that Nginx took and Filebeat shipped ${why}`,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'clickproof-containers-'));
    const dataDir = join(folder, 'data');
    let stack: ControlledStack | undefined;
    try {
      stack = await startContainersStack({
        ...{ run: testRun('front'), dataDir, clickproof: CLICKPROOF },
        ...{ collector: 'nginx', shipper: 'filebeat' },
      });
      const result = await runTraffic({
        ...{ stack, folder, command: 'scenario', reproduce: '' },
        traffic: simulated({ duration: '5s', rate: '120/s', seed: 12, visitors: 200, faulty: '10%' }),
        stopSending: new AbortController().signal,
      });
      expect(outcome(result)).toEqual(CLEAN);
      expect(result.traffic.answers.acknowledged).toBeGreaterThan(200);
      expect(stack.roles).toEqual(['parser+flattener', 'persister+clickhouse-sink+elasticsearch-sink']);
    } finally {
      await stack?.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
  400_000,
);

interface Ledgered {
  readonly events: number;
  readonly visitors: number;
  /** Events by what they are. */
  readonly kinds: Counts;
}

/** What was sent, out of the ledger alone. */
async function ledgered(directory: string): Promise<Ledgered> {
  const ids = new Set<string>();
  const visitors = new Set<string>();
  const kinds: Record<string, number> = {};
  for await (const { events } of readIntents(directory)) {
    for (const { id, fields } of events) {
      if (id === null || ids.has(id)) continue;
      ids.add(id);
      const kind = String(fields['event-event']);
      kinds[kind] = (kinds[kind] ?? 0) + 1;
      if (fields['event-domain_userid']) visitors.add(String(fields['event-domain_userid']));
    }
  }
  return { events: ids.size, visitors: visitors.size, kinds };
}

/** What Kibana would ask. */
async function elasticsearchNumbers({ url, alias }: NonNullable<Stack['elasticsearch']>) {
  const response = await fetch(`${url}/${alias}/_search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      size: 0,
      aggs: {
        kinds: { terms: { field: 'tracking.event-event', size: 50 } },
        seconds: { date_histogram: { field: '@timestamp', fixed_interval: '1s', min_doc_count: 1 } },
        events: { cardinality: { field: 'tracking.event-event_id', precision_threshold: 40_000 } },
        visitors: { cardinality: { field: 'tracking.event-domain_userid', precision_threshold: 40_000 } },
      },
    }),
  });
  expect(response.status).toBe(200);
  const { aggregations } = (await response.json()) as { aggregations: Aggregations };
  const counted = ({ buckets }: Buckets, key: (bucket: Buckets['buckets'][number]) => string): Counts =>
    Object.fromEntries(buckets.map((bucket) => [key(bucket), bucket.doc_count]));
  return {
    buckets: {
      kinds: counted(aggregations.kinds, ({ key }) => String(key)),
      seconds: counted(aggregations.seconds, ({ key }) => String(Number(key) / 1000)),
    },
    events: aggregations.events.value,
    visitors: aggregations.visitors.value,
  };
}

interface Buckets {
  readonly buckets: readonly { readonly key: string | number; readonly doc_count: number }[];
}

interface Aggregations {
  readonly kinds: Buckets;
  readonly seconds: Buckets;
  readonly events: { readonly value: number };
  readonly visitors: { readonly value: number };
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
