import { expect, test } from 'vitest';
import { RESULT_SCHEMA, type Result } from '../result.ts';
import { reportPage } from './page.ts';

const HOP = {
  hop: 'ClickHouse',
  unit: 'events',
  expected: 12_345,
  delivered: 12_344,
  indeterminate: 0,
  lost: 1,
  duplicated: 0,
  corrupted: 0,
  spurious: 0,
  misrouted: 0,
  outOfOrder: 0,
  foreign: 0,
  records: 12_344,
  read: true,
} as const;

const NONE = { count: 0, p50: 0, p90: 0, p99: 0, max: 0 };

function result(more: Partial<Result> = {}): Result {
  return {
    schema: RESULT_SCHEMA,
    version: '1.2.3',
    command: 'simulate',
    reproduce: 'npx clickproof simulate --seed 7',
    startedAt: '2026-01-05T18:00:00.000Z',
    finishedAt: '2026-01-05T18:00:40.000Z',
    settings: {},
    machine: { cores: 2, cpu: 'a processor', memoryBytes: 8e9, platform: 'linux x64', node: 'v24' },
    stack: { kind: 'embedded', description: ['what stands in for what'] },
    verdict: 'fail',
    reasons: ['1 event was lost'],
    traffic: {
      mark: 'cp-1',
      seed: 7,
      requests: 10_000,
      events: 12_345,
      byKind: { visitor: 10_000 },
      answers: { acknowledged: 10_000, refused: 0, unknown: 0, unreachable: 0 },
      seconds: 30,
      eventsPerSecond: 411,
      stopped: false,
      generator: { dropped: 0, lag: NONE, bottleneck: false },
    },
    hops: [HOP],
    conservation: [{ name: 'an equation', left: { a: 1 }, right: { b: 1 }, holds: true }],
    findings: [],
    latency: [],
    timeline: [],
    tables: [],
    processes: [],
    peakMemoryBytes: 1e9,
    restarts: [],
    ...more,
  };
}

test('the verdict, its reasons, the hops and the command that does it again are there', () => {
  const page = reportPage(result());
  for (const text of ['Events are not accounted for', '1 event was lost', '12,345', '12,344', '--seed 7']) {
    expect(page).toContain(text);
  }
  expect(page).toContain('<td class="wrong">12,344</td>');
});

test('a hop that could not be read says why', () => {
  const shown = (more: object) => reportPage(result({ hops: [{ ...HOP, read: false, ...more }] }));
  expect(shown({})).toContain('could not be read');
  expect(shown({ unreadable: 'no <answer>' })).toContain('no &lt;answer&gt;');
});

test.each([
  ['pass', 'Every event is accounted for'],
  ['unknown', 'Nobody can say whether every event is accounted for'],
] as const)('a verdict %s', (verdict, headline) => {
  expect(reportPage(result({ verdict, reasons: [] }))).toContain(`<h1>${headline}</h1>`);
});

test('what came over the network is shown, never run', () => {
  const hostile = '</td><script>alert("1")</script>\u0000\ud800&amp;';
  const page = reportPage(
    result({
      reasons: [hostile],
      findings: [
        {
          kind: hostile,
          hop: hostile,
          key: hostile,
          where: hostile,
          fields: [{ name: hostile, expected: hostile, seen: { [hostile]: hostile } }],
        },
      ],
      tables: [{ title: hostile, columns: [hostile], rows: [[hostile]] }],
    }),
  );
  expect(page).not.toContain('<script');
  expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;');
});

test('the file needs nothing else', () => {
  const timeline = [0, 1, 2].map((at) => ({ at, counts: { sent: at * 10 }, lag: { parser: at } }));
  const page = reportPage(result({ timeline }));
  expect(page).toContain('<svg');
  expect(page).not.toMatch(/(src|href)=|url\(|@import/);
});

test('a hop that could not be read is no row of zeros', () => {
  const page = reportPage(result({ hops: [{ ...HOP, read: false }] }));
  expect(page).toContain('could not be read');
  expect(page).not.toContain('12,344');
});

test('what the pipeline counts of itself is shown beside what was counted, or why it is not', () => {
  const why = 'persister was started anew';
  const page = reportPage(
    result({
      metrics: [
        { role: 'parser', counter: 'records read', said: 4_321, counted: 4_320, differs: 'a sentence' },
        { role: 'persister', counter: 'records read', notComparable: why },
        { role: 'persister', counter: 'records written', notComparable: why },
      ],
    }),
  );
  expect(page).toContain('<td class="wrong">4,321</td><td>4,320</td>');
  expect(page.split(why)).toHaveLength(2);
  expect(page).toContain('records read, records written');
});
