import type { Verdict } from '../../reports/result.ts';
import type { CoverageCell, ScenarioResult } from '../../reports/suite-result.ts';

/** The worst of some verdicts; `unknown` where there are none. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('fail')) return 'fail';
  return verdicts.length === 0 || verdicts.includes('unknown') ? 'unknown' : 'pass';
}

/** Which cells were filled, by what ran and was seen to happen. */
export function coverage(scenarios: readonly ScenarioResult[]): CoverageCell[] {
  const cells = new Map<string, CoverageCell>();
  for (const { name, faults, events, verdict } of scenarios) {
    const here = new Set<string>();
    for (const { cell, missing } of faults) {
      if (missing.length > 0) continue;
      const key = JSON.stringify([cell.table, cell.where, cell.fault]);
      const before = cells.get(key);
      const first = !here.has(key);
      here.add(key);
      cells.set(key, {
        ...cell,
        times: (before?.times ?? 0) + 1,
        events: (before?.events ?? 0) + (first ? events : 0),
        verdict: worst([verdict, ...(before ? [before.verdict] : [])]),
        scenarios: first ? [...(before?.scenarios ?? []), name] : before!.scenarios,
      });
    }
  }
  return [...cells.values()];
}
