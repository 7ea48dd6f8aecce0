import { describe, expect, it } from 'vitest';
import type { HopResult, Result } from '../../reports/result.ts';
import type { FaultResult } from '../../reports/suite-result.ts';
import type { Expectation } from './scenario.ts';
import { judgeScenario, type Observed } from './verdict.ts';

const HOP: HopResult = {
  ...{ hop: 'tracking_raw', unit: 'requests', expected: 10, delivered: 10, indeterminate: 0, lost: 0 },
  ...{
    duplicated: 0,
    corrupted: 0,
    spurious: 0,
    misrouted: 0,
    outOfOrder: 0,
    foreign: 0,
    records: 10,
    read: true,
  },
};

/** What the checker would find, of hops that are like this. */
function found(hops: readonly Partial<HopResult>[], more: Partial<Result> = {}): Result {
  return {
    ...{ verdict: 'pass', reasons: [], conservation: [], traffic: { answers: { acknowledged: 10 } } },
    stack: { kind: 'containers', description: [] },
    hops: hops.map((hop) => ({ ...HOP, ...hop })),
    ...more,
  } as unknown as Result;
}

const clean = found([{}]);
const fault: FaultResult = {
  ...{ cell: { table: 'faults', fault: 'SIGKILL', where: 'parser' }, began: 1, ended: 2, requests: 3 },
  ...{ observed: ['it was gone'], missing: [] },
};

function judge(expect: Expectation, observed: Partial<Observed>) {
  return judgeScenario(expect, {
    ...{ result: clean, probe: clean, faults: [fault], troubles: [], doubts: [] },
    ...observed,
  });
}

const EXACT: Expectation = { outcome: 'exact' };
const REPEATS: Expectation = { outcome: 'at least once', at: 'tracking_raw' };
const LOSS: Expectation = { outcome: 'accounted loss', at: 'access log', atMost: 2 };

describe('a scenario that promises everything exactly once', () => {
  it('passes when all is there and the fault was seen to happen', () => {
    expect(judge(EXACT, {})).toEqual({ verdict: 'pass', reasons: [], seen: [] });
  });

  it('is unknown, with what was not seen, when the fault did not take hold', () => {
    const { verdict, reasons } = judge(EXACT, { faults: [{ ...fault, missing: ['parser was gone'] }] });
    expect({ verdict, reasons }).toEqual({
      verdict: 'unknown',
      reasons: ['parser, SIGKILL: not seen that parser was gone'],
    });
  });

  it('fails when something was lost, whatever was seen of the fault', () => {
    const result = found([{ lost: 1 }], { verdict: 'fail', reasons: ['tracking_raw: 1 requests lost'] });
    expect(judge(EXACT, { result, faults: [{ ...fault, missing: ['x'] }] })).toMatchObject({
      verdict: 'fail',
      reasons: ['parser, SIGKILL: not seen that x', 'tracking_raw: 1 requests lost'],
    });
  });

  it('fails when the event that was sent afterwards did not arrive', () => {
    const { verdict, reasons } = judge(EXACT, { probe: found([{ lost: 1 }]) });
    expect(verdict).toBe('fail');
    expect(reasons).toEqual(['the event sent afterwards: tracking_raw: 1 requests lost']);
  });

  it('fails when more of it came while that event was under way', () => {
    const late = found([{ foreign: 1 }]);
    const { verdict, reasons } = judge(EXACT, { probe: late });
    expect(verdict).toBe('fail');
    expect(reasons).toEqual(['tracking_raw: 1 requests came after everything had come through']);
    // Topics are the run's own on somebody's own services, too.
    const elsewhere = { ...late, stack: { kind: 'external', description: [] } } as Result;
    expect(judge(EXACT, { probe: elsewhere }).verdict).toBe('fail');
  });

  it('fails when the pipeline did not go on, and is unknown when nobody could find out', () => {
    const nothing = { result: undefined, probe: undefined };
    expect(judge(EXACT, { ...nothing, troubles: ['stuck'] }).verdict).toBe('fail');
    expect(judge(EXACT, { ...nothing, doubts: ['unreadable'] }).verdict).toBe('unknown');
    expect(judge(EXACT, nothing).verdict).toBe('unknown');
  });
});

describe('a scenario that promises repeats at a hop and none behind it', () => {
  const shipped = (repeats: number) => [
    {
      name: 'every line is shipped',
      left: { lines: 10 },
      right: { shipped: 10 + repeats },
      holds: repeats === 0,
    },
  ];
  const repeated = (hop: Partial<HopResult> = {}) =>
    found([{ duplicated: 3, ...hop }], {
      ...{ verdict: 'fail', reasons: ['…'], conservation: shipped(3) },
    });

  // The reasons are the checker's own.
  const asJudged = (result: Result): Result => ({
    ...result,
    reasons: [
      ...(result.hops[0]!.lost > 0 ? [`tracking_raw: ${result.hops[0]!.lost} requests lost`] : []),
      'tracking_raw: 3 requests counted twice',
      'the equation does not hold: every line is shipped',
    ],
  });

  it('passes with them, and says how many there were', () => {
    expect(judge(REPEATS, { result: asJudged(repeated()) })).toEqual({
      ...{ verdict: 'pass', reasons: [], seen: ['3 requests came to tracking_raw more than once'] },
    });
  });

  it('is unknown without any, unless it may be', () => {
    expect(judge(REPEATS, {}).verdict).toBe('unknown');
    expect(judge({ ...REPEATS, may: 'be unseen' }, {}).verdict).toBe('pass');
  });

  it('fails where something is lost besides, or fewer lines were shipped than there are repeats', () => {
    expect(judge(REPEATS, { result: asJudged(repeated({ lost: 1 })) }).verdict).toBe('fail');
    const off = { ...asJudged(repeated()), conservation: shipped(2) };
    expect(judge(REPEATS, { result: off }).verdict).toBe('fail');
  });

  it('allows repeats of lines that are no requests, but in no other sum', () => {
    const health = { ...asJudged(repeated()), conservation: shipped(5) };
    expect(judge(REPEATS, { result: health }).verdict).toBe('pass');
    const other = shipped(3).map(({ right: { shipped }, ...one }) => ({
      ...one,
      right: { processed: shipped },
    }));
    expect(judge(REPEATS, { result: { ...health, conservation: other } }).verdict).toBe('fail');
  });

  it('fails where another hop shows events twice', () => {
    const result = found([{ duplicated: 1 }, { hop: 'ClickHouse', duplicated: 1 }]);
    expect(judge(REPEATS, { result }).verdict).toBe('fail');
  });

  it('fails where the pipeline counts otherwise than is there, whatever was promised of the events', () => {
    const differs = 'the parser says it wrote 2 records to tracking_processed, 1 are there';
    const metrics = [{ role: 'parser', counter: 'records written', said: 2, counted: 1, differs }];
    const result = asJudged(repeated());
    const miscounted = { ...result, metrics, reasons: [...result.reasons, differs] };
    expect(judge(REPEATS, { result: miscounted })).toMatchObject({ verdict: 'fail', reasons: [differs] });
  });

  it('may repeat late, too, but not behind where repeats are left out', () => {
    const late = (hop: string) =>
      found(
        [{}, { hop: 'tracking_persisted' }].map((one) => ({
          ...one,
          ...((one.hop ?? 'tracking_raw') === hop && { foreign: 1 }),
        })),
      );
    const verdict = (hop: string) => judge({ ...REPEATS, may: 'be unseen' }, { probe: late(hop) }).verdict;
    expect([verdict('tracking_raw'), verdict('tracking_persisted')]).toEqual(['pass', 'fail']);
  });

  it('keeps the doubts of others than the checker', () => {
    const result = asJudged(repeated());
    const doubted = { ...result, reasons: [...result.reasons, 'the persister gave up 7 entries'] };
    expect(judge(REPEATS, { result: doubted })).toMatchObject({
      ...{ verdict: 'unknown', reasons: ['the persister gave up 7 entries'] },
    });
  });
});

describe('a scenario that promises a loss within limits', () => {
  it('passes within them, and fails beyond them or elsewhere', () => {
    const at = (hop: string, lost: number) =>
      judge(LOSS, {
        result: found(
          [{ hop: 'access log' }, {}].map((one) =>
            (one.hop ?? 'tracking_raw') === hop ? { ...one, lost } : one,
          ),
        ),
      });
    expect(at('access log', 2)).toEqual({
      verdict: 'pass',
      reasons: [],
      seen: ['2 requests lost at access log'],
    });
    expect(at('access log', 3).verdict).toBe('fail');
    expect(at('tracking_raw', 1).verdict).toBe('fail');
  });

  it('is unknown where nothing was lost, unless that may be', () => {
    const result = found([{ hop: 'access log' }, {}]);
    expect(judge(LOSS, { result }).verdict).toBe('unknown');
    expect(judge({ ...LOSS, may: 'be unseen' }, { result }).verdict).toBe('pass');
  });

  it('can be limited by what was due or under way while something was wrong', () => {
    const met: Expectation = { outcome: 'accounted loss', at: 'access log', atMost: 'what the faults met' };
    const faults = [{ ...fault, mayLose: 3 }, fault, { ...fault, mayLose: 4 }];
    const losing = (lost: number) =>
      judge(met, { faults, result: found([{ hop: 'access log', lost }]) }).verdict;
    expect([losing(7), losing(8)]).toEqual(['pass', 'fail']);
  });

  it('does not extend to the event that was sent afterwards', () => {
    const result = found([{ hop: 'access log', lost: 1 }]);
    expect(judge(LOSS, { result, probe: found([{ hop: 'access log', lost: 1 }]) }).verdict).toBe('fail');
  });

  it('allows that lines are missing which were lost on their way, within what is promised', () => {
    const missing = (lines: number) => {
      const conservation = [
        {
          name: 'every line is shipped',
          left: { lines: 10 },
          right: { shipped: 10 - lines },
          holds: lines === 0,
        },
      ];
      return judge({ ...LOSS, at: 'tracking_raw' }, { result: found([{ lost: 1 }], { conservation }) })
        .verdict;
    };
    expect([0, 1, 2, 3].map(missing)).toEqual(['pass', 'pass', 'pass', 'fail']);
    const none = [
      { name: 'every line is shipped', left: { lines: 10 }, right: { shipped: 9 }, holds: false },
    ];
    const result = found([{}], { conservation: none });
    expect(judge({ ...LOSS, at: 'tracking_raw' }, { result }).verdict).toBe('fail');
  });
});

it('promises nothing where nothing is guaranteed, but shows it, and wants the event afterwards', () => {
  const expectation: Expectation = {
    outcome: 'not guaranteed',
    why: 'Redis lost more than the topic retains',
  };
  const result = found([{ lost: 5 }], { verdict: 'fail', reasons: ['tracking_raw: 5 requests lost'] });
  expect(judge(expectation, { result })).toEqual({
    ...{ verdict: 'pass', reasons: [], seen: ['tracking_raw: 5 requests lost'] },
  });
  expect(judge(expectation, { result, probe: found([{ lost: 1 }]) }).verdict).toBe('fail');
});
