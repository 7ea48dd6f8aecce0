import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { CLICKPROOF } from '../correctness/embedded.ts';
import type { SuiteOptions } from './options.ts';
import { runScenario } from './run-scenario.ts';
import type { NamedScenario } from './scenario.ts';
import { Stacks, variantOf } from './stacks.ts';

/** A stack's start, and what is left to do when a scenario is given up. */
const AROUND_MS = 240_000;

/** Makes a test of each scenario; those that can share a stack come one after the other. */
export function registerScenarios(
  scenarios: readonly NamedScenario[],
  options: Omit<SuiteOptions, 'scenarios'>,
  { signal, quiet = false }: { readonly signal: AbortSignal; readonly quiet?: boolean },
): void {
  const { stack: kind, seed, out, run } = options;
  let current = '';
  // Vitest hands it on to the reporter.
  const say = (line: string) => (quiet ? undefined : console.info(`[${current}] ${line}`));
  const stacks = new Stacks({ kind, run, clickproof: CLICKPROOF, folder: `${out}/stacks`, signal, say });
  afterAll(() => stacks.close(), AROUND_MS);
  for (const scenario of byStack(scenarios)) {
    test(scenario.name, { timeout: scenario.limitMs + AROUND_MS }, async ({ task }) => {
      signal.throwIfAborted();
      current = scenario.name;
      const stage = await stacks.for(scenario);
      const reproduce = `npm run verify -- --scenario ${scenario.name} --stack ${kind} --seed ${seed}`;
      let passed = false;
      try {
        const result = await runScenario(scenario, stage, { seed, out, reproduce, signal, say });
        task.meta.scenario = result;
        passed = result.verdict === 'pass';
        const { verdict, reasons } = result;
        const history = join(out, result.folder);
        expect({ verdict, reasons, reproduce, history }).toEqual({
          ...{ verdict: 'pass', reasons: [], reproduce, history },
        });
      } finally {
        if (!passed) await stacks.close({ keepData: true });
      }
    });
  }
}

function byStack(scenarios: readonly NamedScenario[]): NamedScenario[] {
  const place = ({ stack }: NamedScenario) => (stack?.own ? '~' : variantOf(stack));
  return [...scenarios].sort((a, b) => (place(a) === place(b) ? 0 : place(a) < place(b) ? -1 : 1));
}
