import { expect, it } from 'vitest';
import type { CellName, FaultResult, ScenarioResult } from '../../reports/suite-result.ts';
import { coverage, worst } from './coverage.ts';

const cell: CellName = { table: 'faults', fault: 'SIGKILL', where: 'parser' };

const faults = (count: number, missing: readonly string[] = []): FaultResult[] =>
  Array.from({ length: count }, () => ({ cell, began: 0, ended: 1, requests: 1, observed: [], missing }));

const scenario = (name: string, more: Partial<ScenarioResult>): ScenarioResult =>
  ({ name, verdict: 'pass', faults: [], events: 100, ...more }) as ScenarioResult;

it('counts how often a fault happened, and the events of each scenario once', () => {
  const cells = coverage([
    scenario('a', { faults: faults(3) }),
    scenario('b', { faults: faults(1), events: 50 }),
  ]);
  expect(cells).toEqual([{ ...cell, times: 4, events: 150, verdict: 'pass', scenarios: ['a', 'b'] }]);
});

it('leaves out what was not seen to happen, and shows the worst verdict', () => {
  expect(coverage([scenario('a', { faults: faults(1, ['it was gone']), verdict: 'unknown' })])).toEqual([]);
  const cells = coverage([
    scenario('a', { faults: faults(1), verdict: 'fail' }),
    scenario('b', { faults: faults(1) }),
  ]);
  expect(cells[0]!.verdict).toBe('fail');
});

it('takes nothing at all for unknown', () => {
  expect([worst([]), worst(['pass']), worst(['pass', 'unknown']), worst(['unknown', 'fail'])]).toEqual([
    ...['unknown', 'pass', 'unknown', 'fail'],
  ]);
});
