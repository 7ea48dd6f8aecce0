import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ControlledStack } from '../../containers/controlled-stack.ts';
import type { PipelineOptions } from '../../containers/roles/pipeline.ts';
import type { ScenarioResult } from '../../reports/suite-result.ts';
import { type NamedScenario, namedScenario, type Scenario } from '../suite/scenario.ts';
import { type Planted, PlantedStack } from './trial.ts';

/** A scenario, and the bugs that it must catch: each at a hop of its own, so that none can hide behind another. */
export interface Trial {
  readonly scenario: NamedScenario;
  readonly bugs: readonly Planted[];
}

/** Traffic, and nothing goes wrong but the pipeline. */
export const UNDISTURBED: NamedScenario = namedScenario('undisturbed', {
  title: 'Traffic flows and nothing else happens: every event arrives exactly once.',
  traffic: { duration: '2s' },
  expect: { outcome: 'exact' },
} satisfies Scenario);

const START_MS = 400_000;
/** After five minutes a scenario is given up, which takes a while. */
const RUN_MS = 400_000;
const rows: string[][] = [['bug', 'stage', 'scenario', 'verdict', 'reason']];

/** Makes tests of what has to be caught, on one stack: each scenario passes without the bugs and fails with them, for the right reason. */
export function registerTrials(
  start: (options: PipelineOptions) => Promise<ControlledStack>,
  workers: readonly (readonly string[])[],
  trials: readonly Trial[],
): void {
  let stack: PlantedStack | undefined;
  beforeAll(async () => {
    stack = await PlantedStack.start(start, workers);
  }, START_MS);
  afterAll(() => stack?.stop(), 60_000);

  for (const { scenario } of trials) {
    test(`${scenario.name} passes without a bug`, { timeout: RUN_MS }, async () => {
      expect(outcome(await stack!.run(scenario))).toEqual({ verdict: 'pass', reasons: [] });
    });
  }
  for (const { scenario, bugs } of trials) {
    test(`${scenario.name} fails with ${bugs.map(({ bug, stage }) => `${stage}: ${bug}`).join(', ')}`, {
      timeout: RUN_MS,
    }, async () => {
      const result = await stack!.run(scenario, bugs);
      const { verdict } = result;
      const reasons = reasonsOf(result);
      for (const { bug, stage, caught } of bugs) {
        const reason = reasons.find((one) => caught.test(one)) ?? 'NOT CAUGHT';
        rows.push([bug, stage, scenario.name, verdict, reason]);
      }
      expect(unfound(reasons, bugs), reasons.join('\n')).toEqual([]);
      expect(unexplained(reasons, bugs)).toEqual([]);
      expect(verdict).toBe('fail');
    });
  }
}

/** What was caught, for people; to be printed when all trials are over. */
export function caughtTable(): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A bug is there still when the one event more is sent. */
function reasonsOf({ reasons }: ScenarioResult): string[] {
  return [...new Set(reasons.map((one) => one.replace('the event sent afterwards: ', '')))];
}

const outcome = ({ verdict, reasons }: ScenarioResult) => ({ verdict, reasons });

/** Bugs that the verdict says nothing of. */
function unfound(reasons: readonly string[], bugs: readonly Planted[]) {
  return bugs.filter(({ caught }) => !reasons.some((one) => caught.test(one))).map(({ bug }) => bug);
}

/** A bug at a port of a stage is behind its back: it counts what it wanted to write, not what is there. */
const MISCOUNTED = /^the \S+ says it /;

/** What the verdict finds fault with, and none of the bugs is to blame for. */
function unexplained(reasons: readonly string[], bugs: readonly Planted[]) {
  const others = reasons.filter((one) => !MISCOUNTED.test(one));
  return others.filter((one) => !bugs.some(({ caught, besides }) => caught.test(one) || besides?.test(one)));
}
