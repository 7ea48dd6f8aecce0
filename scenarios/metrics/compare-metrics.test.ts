import { describe, expect, it } from 'vitest';
import { DEFAULT_GROUPS, DEFAULT_TOPICS } from '../../pipeline/contracts/topics.ts';
import type { Counted } from '../checkers/conservation.ts';
import { type Compared, compareMetrics, metricReasons } from './compare-metrics.ts';
import type { ProcessCounters, Snapshot } from './snapshot.ts';
import type { WorkerCounters } from './worker-counters.ts';

/** What a small run's readers counted: 12 lines, of which 10 became 20 events; 3 failed, 2 were repeats. */
function counted(more: Partial<Counted> = {}): Counted {
  const lines = { tracker: 10, refused: 1, ignored: 1, unreadable: 0, foreign: 0 };
  const hop = (name: string, records: number, repeats = 0) => ({
    ...{ hop: name, records, foreign: 0, repeats, lines: 0, read: true },
  });
  return {
    names: DEFAULT_TOPICS,
    ledger: {
      requests: 13,
      unanswered: 0,
      answers: { acknowledged: 11, refused: 2, unknown: 0 },
      unreachable: 1,
    },
    accessLog: lines,
    raw: lines,
    expected: 23,
    hops: [
      hop(DEFAULT_TOPICS.processed, 20),
      hop(DEFAULT_TOPICS.flattened, 20),
      hop(DEFAULT_TOPICS.persisted, 18, 2),
      hop('ClickHouse', 18),
      hop('Elasticsearch', 18),
    ],
    failed: { lines: 1, records: 3, foreign: 0 },
    failedBy: new Map([['parser', 3]]),
    ...more,
  };
}

const HELD = { positions: { 0: 5, 1: 5 }, claims: 2, errors: 0 };
const worker = (records: number, outputs: number, classes: object, more: object = {}) => ({
  ...{ records, outputs, failed: 0, classes: { ...classes }, ...HELD },
  ...more,
});

/** What the processes count when all is right: `of` 0 before the run, of 1 after it, of 0.5 one of two workers. */
function processes(of: number): Record<string, object> {
  const n = (count: number) => 100 + count * of;
  return {
    collector: { lines: n(12), unlogged: 0, answers: { 200: n(6), 302: n(5), 404: n(1) } },
    shipper: { lines: n(12), failed: 0, errors: 7 },
    'parser+flattener': {
      parser: worker(
        n(12),
        n(20),
        {
          ...{ processed: n(9), failed: of, 'refused: status': of },
          ...(of > 0 && { 'ignored: health': of }),
        },
        { failed: n(3) },
      ),
      flattener: worker(n(20), n(20), { processed: n(20) }),
    },
    persister: { persister: worker(n(20), n(18), { event: n(18), repeat: of, retry: of }) },
    'clickhouse-sink': {
      'clickhouse-sink': { events: worker(n(18), 0, { inserted: n(18) }), failed: worker(n(3), 0, {}) },
    },
    'elasticsearch-sink': { 'elasticsearch-sink': worker(n(18), 0, { indexed: n(18) }) },
  };
}

function snapshot(of: number, change: (all: Record<string, object>) => void = () => {}): Snapshot {
  const all = processes(of);
  change(all);
  const { parser, flattener, persister, clickhouse, clickhouseFailed, elasticsearch } = DEFAULT_GROUPS;
  const groups = [parser, flattener, persister, clickhouse, clickhouseFailed, elasticsearch];
  return {
    at: 1_000 + of,
    processes: Object.entries(all).map(
      ([name, stats], i): ProcessCounters => ({ name, pid: 10 + i, stats: stats as Record<string, unknown> }),
    ),
    backlog: groups.map((group) => ({ group, topic: `of ${group}`, partitions: 2, records: 0 })),
    unshippedBytes: 0,
  };
}

function compare(more: Partial<Compared> = {}) {
  return compareMetrics({
    ...{ before: snapshot(0), after: snapshot(1), counted: counted(), groups: DEFAULT_GROUPS },
    ...{ leftOut: new Map(), disturbed: new Set<string>(), restarts: [] },
    ...more,
  });
}

/** Changes what a worker counts. */
function changed(
  process: string,
  stage: string,
  change: Partial<WorkerCounters> | ((was: WorkerCounters) => WorkerCounters),
) {
  return (all: Record<string, object>) => {
    const stats = all[process] as Record<string, WorkerCounters>;
    const was = stats[stage]!;
    all[process] = { ...stats, [stage]: typeof change === 'function' ? change(was) : { ...was, ...change } };
  };
}

type Change = (all: Record<string, object>) => void;

const both =
  (one: Change, other: Change): Change =>
  (all) => {
    one(all);
    other(all);
  };

/** By role, why its counters are not compared. */
function reasonsNot(metrics: ReturnType<typeof compare>): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { role, notComparable } of metrics) {
    if (notComparable === undefined) continue;
    found[role] = [...new Set([...(found[role] ?? []), notComparable])];
  }
  return found;
}

describe('what a pipeline counts of itself', () => {
  it('is what the checker counted, role by role', () => {
    const metrics = compare();
    expect(metricReasons(metrics)).toEqual([]);
    expect(reasonsNot(metrics)).toEqual({});
    for (const { said, counted: found } of metrics) expect(said).toBe(found);
    const { length: perRole } = metrics.filter(({ role }) => role === 'clickhouse-sink');
    expect(perRole).toBe(4);
    expect(metrics).toContainEqual({
      ...{ role: 'persister', counter: 'repeats left out', said: 2, counted: 2 },
    });
  });

  it.each([
    ['collector', { lines: 5 }, 'the collector says it wrote -95 lines to the access log, 12 are there'],
    [
      'collector',
      { answers: { 200: 111, 404: 101 } },
      'the collector says it acknowledged -89 requests, 11 such answers came',
    ],
    ['shipper', { lines: 1_412 }, 'the shipper says it shipped 1,312 lines to tracking_raw, 12 are there'],
    [
      'shipper',
      { failed: 2 },
      'the shipper says it wrote 2 failures to tracking_failed, 0 of its failures are there',
    ],
  ])('differs where the %s says %o', (name, change, sentence) => {
    const after = snapshot(1, (all) => {
      all[name] = { ...all[name], ...change };
    });
    expect(metricReasons(compare({ after }))).toEqual([sentence]);
  });

  it.each<[string, string, Partial<WorkerCounters>, string]>([
    [
      'parser+flattener',
      'parser',
      { outputs: 5_410 },
      'the parser says it wrote 5,310 records to tracking_processed, 20 are there',
    ],
    [
      'parser+flattener',
      'parser',
      { failed: 102 },
      'the parser says it wrote 2 failures to tracking_failed, 3 of its failures are there',
    ],
    [
      'parser+flattener',
      'flattener',
      { records: 119 },
      'the flattener says it read 19 records of tracking_processed, 20 are there',
    ],
    [
      'persister',
      'persister',
      { classes: { event: 118, repeat: 1 } },
      'the persister says it left out 1 repeats, 2 are in tracking_flattened',
    ],
    [
      'elasticsearch-sink',
      'elasticsearch-sink',
      { classes: { indexed: 117 } },
      'the elasticsearch-sink says it indexed 17 events, 18 are in Elasticsearch',
    ],
  ])('differs where, in %s, the %s counts %o', (process, stage, change, sentence) => {
    const after = snapshot(1, changed(process, stage, change));
    expect(metricReasons(compare({ after }))).toEqual([sentence]);
  });

  it('differs where lines are counted in another class', () => {
    const after = snapshot(
      1,
      changed('parser+flattener', 'parser', {
        classes: { processed: 109, failed: 1, 'refused: status': 2 },
      }),
    );
    expect(metricReasons(compare({ after }))).toEqual([
      'the parser says it passed over 2 lines, there are 1',
      'the parser says it ignored 0 lines, there are 1',
    ]);
  });

  it('is not compared where a process counts nothing of the kind, and the rest is', () => {
    const without = changed('persister', 'persister', ({ outputs: _, ...rest }) => rest);
    const metrics = compare({ before: snapshot(0, without), after: snapshot(1, without) });
    expect(reasonsNot(metrics)).toEqual({ persister: ['it does not count this'] });
    expect(metrics.filter(({ role, said }) => role === 'persister' && said !== undefined)).toHaveLength(3);
  });

  it.each([
    ['before', { before: snapshot(0, (all) => void Object.assign(all, { persister: {} })) }],
    ['after', { after: snapshot(1, (all) => void Object.assign(all, { persister: { persister: {} } })) }],
  ])('is not compared where a process did not answer %s', (_, looks) => {
    expect(reasonsNot(compare(looks))).toEqual({ persister: ['persister did not say what it counts'] });
  });

  it('is not compared where a role is not of this project, as Nginx is not', () => {
    const without = (all: Record<string, object>) => void delete all.collector;
    const metrics = compare({ before: snapshot(0, without), after: snapshot(1, without) });
    expect(reasonsNot(metrics)).toEqual({ collector: ['no process of this run’s does this'] });
  });
});

describe('a process that may count otherwise', () => {
  // What it counts is wrong, so that a comparison would say so.
  const wrong = changed('persister', 'persister', { outputs: 0 });
  const after = snapshot(1, wrong);

  it('was started anew: by another process id', () => {
    const again = {
      ...after,
      processes: after.processes.map((one) => (one.name === 'persister' ? { ...one, pid: 99 } : one)),
    };
    expect(metricReasons(compare({ after: again }))).toEqual([]);
    expect(reasonsNot(compare({ after: again }))).toEqual({ persister: ['persister was started anew'] });
  });

  it('was started anew: by what the stack noticed since the run began', () => {
    const restarts = (at: number) => [{ role: 'persister', at }];
    expect(reasonsNot(compare({ after, restarts: restarts(1_001) }))).toEqual({
      persister: ['persister was started anew'],
    });
    expect(metricReasons(compare({ after, restarts: restarts(999) }))).toHaveLength(1);
  });

  it.each([
    ['its stage', 'persister', ['persister']],
    ['another worker of it', 'persister-2', ['persister']],
    ['a stage in the same process', 'flattener', ['flattener', 'parser']],
    ['a server', 'kafka', []],
    ['a server that a stage is named after', 'clickhouse', []],
  ])('had a fault happen to %s', (_, name, roles) => {
    const not = reasonsNot(compare({ disturbed: new Set([name]) }));
    expect(Object.keys(not).sort()).toEqual(roles);
  });

  it.each<[string, Partial<WorkerCounters>, string | undefined]>([
    ['an error', { errors: 1 }, 'it came upon 1 errors'],
    ['another claim', { claims: 3 }, 'its partitions changed hands'],
    ['a partition lost', { positions: { 0: 5 } }, 'its partitions changed hands'],
    ['one lost and claimed again', { claims: 3, positions: HELD.positions }, 'its partitions changed hands'],
    ['a position moved on', { positions: { 0: 9, 1: 5 } }, undefined],
  ])('had %s', (_, change, why) => {
    const metrics = compare({
      after: snapshot(1, both(wrong, changed('persister', 'persister', change))),
    });
    expect(reasonsNot(metrics)).toEqual(why === undefined ? {} : { persister: [why] });
    expect(metricReasons(metrics)).toHaveLength(why === undefined ? 1 : 0);
  });

  it('is compared when it claims its partitions for the first time', () => {
    const before = snapshot(0, changed('persister', 'persister', { claims: 0, positions: {} }));
    expect(reasonsNot(compare({ before }))).toEqual({});
    expect(metricReasons(compare({ before, after }))).toHaveLength(1);
  });

  it('leaves partitions to others', () => {
    const one = changed('persister', 'persister', { claims: 1, positions: { 0: 5 } });
    const metrics = compare({
      before: snapshot(0, one),
      after: snapshot(1, both(wrong, one)),
    });
    expect(reasonsNot(metrics)).toEqual({ persister: ['1 of 2 partitions were not its own in the end'] });
  });

  it('had work in front of it when the run began', () => {
    const before = snapshot(0);
    const backlog = before.backlog.map((one) =>
      one.group === DEFAULT_GROUPS.persister ? { ...one, records: 4 } : one,
    );
    expect(reasonsNot(compare({ before: { ...before, backlog, unshippedBytes: 9 } }))).toEqual({
      persister: ['it had 4 records in front of it when the run began'],
      shipper: ['9 bytes of the access log were not shipped yet when the run began'],
    });
  });

  it('is a collector that could not write, or a shipper that was interrupted', () => {
    const disturbed = snapshot(1, (all) => {
      all.collector = { ...all.collector, unlogged: 2 };
      all.shipper = { ...all.shipper, errors: 8 };
    });
    expect(reasonsNot(compare({ after: disturbed }))).toEqual({
      collector: ['it could not write 2 lines'],
      shipper: ['it came upon 1 errors'],
    });
  });
});

describe('two processes of a stage', () => {
  /** Each holds one partition and does half of the work. */
  function two(of: number, change: Partial<WorkerCounters> = {}): Snapshot {
    return snapshot(of, (all) => {
      const half = processes(of / 2).persister as { persister: WorkerCounters };
      const holding = (partition: number) => ({
        persister: { ...half.persister, claims: 1, positions: { [partition]: 5 } },
      });
      all.persister = holding(0);
      all['persister-2'] = { persister: { ...holding(1).persister, ...change } };
    });
  }

  it('count together', () => {
    const metrics = compare({ before: two(0), after: two(1) });
    expect(reasonsNot(metrics)).toEqual({});
    expect(metricReasons(metrics)).toEqual([]);
    expect(metricReasons(compare({ before: two(0), after: two(1, { outputs: 100 }) }))).toEqual([
      'the persister says it wrote 9 records to tracking_persisted, 18 are there',
    ]);
  });

  it('are not compared where one of them cannot be', () => {
    const metrics = compare({ before: two(0), after: two(1, { outputs: 100, errors: 1 }) });
    expect(metricReasons(metrics)).toEqual([]);
    expect(reasonsNot(metrics)).toEqual({ persister: ['it came upon 1 errors'] });
  });
});

describe('a hop', () => {
  const wrong = snapshot(1, changed('parser+flattener', 'parser', { records: 0, outputs: 0, failed: 0 }));
  const where = (metrics: ReturnType<typeof compare>) =>
    metrics.flatMap(({ role, counter, notComparable }) => (notComparable ? [`${role}: ${counter}`] : []));

  it('with traffic of others says nothing of those who read and write it', () => {
    const { raw, hops } = counted();
    const foreign = counted({
      raw: { ...raw, foreign: 1 },
      hops: hops.map((one, i) => (i === 0 ? { ...one, foreign: 1 } : one)),
      failed: { lines: 1, records: 3, foreign: 1 },
    });
    const metrics = compare({ counted: foreign, after: wrong });
    expect(metricReasons(metrics)).toEqual([]);
    expect(where(metrics).filter((one) => one.startsWith('parser'))).toHaveLength(6);
    expect(where(metrics)).toContain('shipper: lines shipped to tracking_raw');
    expect(where(metrics)).toContain('flattener: records read from tracking_processed');
    expect(where(metrics)).not.toContain('flattener: records written to tracking_flattened');
  });

  it('with records that the checker passed over says as little', () => {
    const metrics = compare({
      leftOut: new Map([
        [DEFAULT_TOPICS.raw, 3],
        [DEFAULT_TOPICS.failed, 3],
      ]),
    });
    expect(where(metrics)).toContain('parser: records read from tracking_raw');
    expect(where(metrics)).toContain('clickhouse-sink: records read from tracking_failed');
    expect(where(metrics)).not.toContain('parser: records written to tracking_processed');
  });

  it('that could not be read says nothing', () => {
    const hops = counted().hops.map((one) =>
      one.hop === 'ClickHouse' ? { ...one, records: 0, read: false } : one,
    );
    const metrics = compare({ counted: counted({ hops }) });
    expect(reasonsNot(metrics)).toEqual({ 'clickhouse-sink': ['ClickHouse could not be read'] });
  });

  it('whose answers nobody knows says nothing of those', () => {
    const { ledger } = counted();
    const answers = { acknowledged: 10, refused: 2, unknown: 1 };
    const metrics = compare({ counted: counted({ ledger: { ...ledger, answers } }) });
    expect(reasonsNot(metrics)).toEqual({ collector: ['what 1 requests were answered nobody knows'] });
    expect(where(metrics)).not.toContain('collector: lines written to the access log');
  });
});
