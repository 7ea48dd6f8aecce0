import { DEFAULT_TOPICS } from '../../pipeline/contracts/topics.ts';
import type { HopResult, Result, Verdict } from '../../reports/result.ts';
import type { FaultResult } from '../../reports/suite-result.ts';
import { judge } from '../checkers/judge.ts';
import { metricReasons } from '../metrics/compare-metrics.ts';
import { worst } from './coverage.ts';
import type { Expectation } from './scenario.ts';

/** What is known when a scenario is over. */
export interface Observed {
  /** What the checker found; undefined where it did not come to that. */
  readonly result: Result | undefined;
  /** What was found of the one event that was sent afterwards; undefined where none was. */
  readonly probe: Result | undefined;
  readonly faults: readonly FaultResult[];
  /** What went wrong on the way and is the pipeline's fault: it did not come to rest, a role did not start again. */
  readonly troubles: readonly string[];
  /** What kept anybody from finding out. */
  readonly doubts: readonly string[];
}

export interface ScenarioVerdict {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  /** What was seen and is allowed. */
  readonly seen: readonly string[];
}

/** In words: `at least once at tracking_raw`. */
export function promised(expect: Expectation): string {
  switch (expect.outcome) {
    case 'exact':
      return 'exact';
    case 'at least once':
      return `at least once at ${expect.at}`;
    case 'accounted loss':
      return `${typeof expect.atMost === 'number' ? `up to ${expect.atMost} lost` : 'accounted loss'} at ${expect.at}`;
    case 'not guaranteed':
      return 'not guaranteed';
  }
}

/**
 * Judges what was observed by what was promised. A fault that nobody saw happen proves nothing, nor do repeats that were allowed, and
 * that there were none of: `unknown`, never `pass`.
 */
export function judgeScenario(expect: Expectation, observed: Observed): ScenarioVerdict {
  const { result, probe, faults, troubles, doubts } = observed;
  const missing = faults.flatMap(({ cell, missing }) =>
    missing.map((what) => `${cell.where}, ${cell.fault}: not seen that ${what}`),
  );
  const parts = [
    troubles.length > 0 ? failed(troubles) : PASSED,
    missing.length > 0 ? unknown(missing) : PASSED,
    doubts.length > 0 ? unknown(doubts) : PASSED,
    ...(result ? [judgeResult(expect, result, mostLost(expect, faults))] : []),
    ...(probe ? [judgeProbe(expect, probe)] : []),
  ];
  const verdict = worst(parts.map((part) => part.verdict));
  const complete = result !== undefined && probe !== undefined;
  return {
    verdict: verdict === 'pass' && !complete ? 'unknown' : verdict,
    reasons: parts.flatMap(({ reasons }) => reasons),
    seen: parts.flatMap(({ seen }) => seen),
  };
}

const PASSED: ScenarioVerdict = { verdict: 'pass', reasons: [], seen: [] };
const failed = (reasons: readonly string[]): ScenarioVerdict => ({ verdict: 'fail', reasons, seen: [] });
const unknown = (reasons: readonly string[]): ScenarioVerdict => ({ verdict: 'unknown', reasons, seen: [] });

/** How many may be lost, where any may. */
function mostLost(expect: Expectation, faults: readonly FaultResult[]): number {
  if (expect.outcome !== 'accounted loss') return 0;
  if (expect.atMost !== 'what the faults met') return expect.atMost;
  return faults.reduce((sum, { mayLose = 0 }) => sum + mayLose, 0);
}

function judgeResult(expect: Expectation, result: Result, atMost: number): ScenarioVerdict {
  if (expect.outcome === 'exact') return { verdict: result.verdict, reasons: result.reasons, seen: [] };
  if (expect.outcome === 'not guaranteed') {
    const { verdict, reasons } = result;
    return verdict === 'unknown' ? { verdict, reasons, seen: [] } : { ...PASSED, seen: reasons };
  }
  const hop = result.hops.find((one) => one.hop === expect.at);
  if (hop === undefined) return unknown([`there is no hop ${expect.at}`]);
  const rest = judgeRest(expect, result, atMost);
  if (expect.outcome === 'at least once') {
    const seen = [`${hop.duplicated} ${hop.unit} came to ${hop.hop} more than once`];
    if (hop.duplicated > 0 || expect.may === 'be unseen') return { ...rest, seen };
    const none = `no repeat was seen at ${hop.hop}, so nothing is proven of what becomes of them`;
    return { verdict: worst([rest.verdict, 'unknown']), reasons: [...rest.reasons, none], seen };
  }
  const seen = [`${hop.lost} ${hop.unit} lost at ${hop.hop}`];
  if (hop.lost > atMost) {
    return { verdict: 'fail', reasons: [...rest.reasons, `${seen[0]}, more than ${atMost}`], seen };
  }
  if (hop.lost > 0 || expect.may === 'be unseen') return { ...rest, seen };
  const none = `nothing was lost at ${hop.hop}, so it is not proven that such a loss is found`;
  return { verdict: worst([rest.verdict, 'unknown']), reasons: [...rest.reasons, none], seen };
}

/** When all is over nothing may be lost any more; only who ships at least once may still repeat. */
function judgeProbe(expect: Expectation, probe: Result): ScenarioVerdict {
  const now: Expectation = expect.outcome === 'at least once' ? expect : { outcome: 'exact' };
  const { verdict, reasons } = judgeRest(now, probe, 0);
  const late = cameLate(expect, probe);
  return {
    verdict: worst([verdict, ...(late.length > 0 ? (['fail'] as const) : [])]),
    reasons: [...reasons.map((reason) => `the event sent afterwards: ${reason}`), ...late],
    seen: [],
  };
}

/**
 * What came besides that event, after everything had come through and been compared: in a log and topics that nobody else sends to it is
 * the scenario's own, too late or twice. Repeats that are promised may come then, too, up to where they are left out. Stores are read by
 * that event's mark; what else came there is counted apart.
 */
function cameLate(expect: Expectation, { hops }: Result): string[] {
  const persisted = hops.findIndex(({ hop }) => hop === DEFAULT_TOPICS.persisted);
  return hops
    .slice(expect.outcome === 'at least once' ? persisted : 0)
    .filter(({ unit, foreign }) => unit !== 'visitors' && foreign > 0)
    .map(({ hop, unit, foreign }) => `${hop}: ${foreign} ${unit} came after everything had come through`);
}

/** The verdict without what the promise allows. */
function judgeRest(expect: Expectation, result: Result, atMost: number): ScenarioVerdict {
  const { hops, conservation, profiles = { wrong: 0 }, traffic, reasons } = result;
  const rest = { unseen: 0, ...profiles };
  const { acknowledged } = traffic.answers;
  const usual = judge(hops, conservation, rest, acknowledged);
  const at = 'at' in expect ? hops.find(({ hop }) => hop === expect.at) : undefined;
  const repeats = expect.outcome === 'at least once' ? (at?.duplicated ?? 0) : 0;
  const loss = expect.outcome === 'accounted loss' ? { lost: at?.lost ?? 0, atMost } : NO_LOSS;
  const judged = judge(
    hops.map((hop) => tolerated(expect, hop)),
    // Lines that were shipped twice are more than the lines that there are, those that were lost are fewer.
    conservation.map((one) => ({
      ...one,
      holds: one.holds || isRepeated(one, repeats) || isShort(one, loss),
    })),
    rest,
    acknowledged,
  );
  // What others than the checker found fault with is in the result's reasons alone.
  const others = reasons.filter((reason) => !usual.reasons.includes(reason));
  if (others.length === 0) return { ...judged, seen: [] };
  // What was promised of the events says nothing of how the pipeline counts them.
  const miscounted = metricReasons(result.metrics).length > 0;
  const verdict = worst([judged.verdict, miscounted ? 'fail' : 'unknown']);
  return { verdict, reasons: [...judged.reasons, ...others], seen: [] };
}

function tolerated(expect: Expectation, hop: HopResult): HopResult {
  if (expect.outcome === 'at least once' && hop.hop === expect.at) return { ...hop, duplicated: 0 };
  if (expect.outcome === 'accounted loss' && hop.hop === expect.at) return { ...hop, lost: 0 };
  return hop;
}

type Equation = Result['conservation'][number];

/** Lines that are no tracker's requests are repeated, too, and are not among the hop's repeats. */
function isRepeated({ left, right }: Equation, repeats: number): boolean {
  return repeats > 0 && 'shipped' in right && sum(right) - sum(left) >= repeats;
}

const NO_LOSS = { lost: 0, atMost: 0 };

/** As for repeats: other lines are lost, too. */
function isShort({ left, right }: Equation, { lost, atMost }: typeof NO_LOSS): boolean {
  const short = sum(left) - sum(right);
  return lost > 0 && 'shipped' in right && short >= lost && short <= atMost;
}

function sum(parts: Readonly<Record<string, number>>): number {
  return Object.values(parts).reduce((a, b) => a + b, 0);
}
