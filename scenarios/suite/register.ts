import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { CLICKPROOF } from '../correctness/embedded.ts';
import { commandAgain } from './again.ts';
import type { SuiteOptions } from './options.ts';
import { planOf, runScenario } from './run-scenario.ts';
import type { FaultPlan, NamedScenario } from './scenario.ts';
import { shrink } from './shrink.ts';
import { Stacks, variantOf } from './stacks.ts';

/** A stack's start, and what is left to do when a scenario is given up. */
const AROUND_MS = 240_000;
/** So many smaller plans are tried of one that fails. */
const MOST_TRIES = 12;

/** Makes a test of each scenario; those that can share a stack come one after the other. */
export function registerScenarios(
  scenarios: readonly NamedScenario[],
  options: Omit<SuiteOptions, 'scenarios'>,
  { signal, quiet = false }: { readonly signal: AbortSignal; readonly quiet?: boolean },
): void {
  const { stack: kind, seed, out, run, external, eventCount: events, shrink: shrinks = false } = options;
  let current = '';
  // Vitest hands it on to the reporter.
  const say = (line: string) => (quiet ? undefined : console.info(`[${current}] ${line}`));
  const stacks = new Stacks({
    ...{ kind, run, external, clickproof: CLICKPROOF },
    ...{ folder: `${out}/stacks`, signal, say },
  });
  let marks = 0;
  const nextMark = () => (external ? { mark: `${run}-${++marks}` } : {});
  afterAll(() => stacks.close(), AROUND_MS);
  for (const declared of byStack(scenarios)) {
    const other = events !== undefined && declared.events !== undefined && { events };
    const scenario = { ...declared, ...other };
    const runs = shrinks ? 1 + MOST_TRIES : 1;
    test(scenario.name, { timeout: runs * (scenario.limitMs + AROUND_MS) }, async ({ task }) => {
      signal.throwIfAborted();
      current = scenario.name;
      const stage = await stacks.for(scenario);
      const reproduce = commandAgain(scenario.name, options, other ? events : undefined);
      let passed = false;
      try {
        const result = await runScenario(scenario, stage, {
          ...{ seed, out, reproduce, signal, say },
          ...nextMark(),
        });
        task.meta.scenario = result;
        passed = result.verdict === 'pass';
        const { verdict, reasons } = result;
        if (verdict === 'fail' && shrinks) {
          const { plan } = planOf(scenario, stage.stack, seed);
          await showSmallest({ scenario, plan, stacks }, { seed, out, signal, say, nextMark });
        }
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

interface Shrinking extends Pick<SuiteOptions, 'seed' | 'out'> {
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  readonly nextMark: () => { readonly mark?: string };
}

interface Failed {
  readonly scenario: NamedScenario;
  readonly plan: FaultPlan;
  readonly stacks: Stacks;
}

/** Runs smaller and smaller plans, each on a stack of its own, and says which is the smallest that fails. */
async function showSmallest({ scenario, plan, stacks }: Failed, options: Shrinking): Promise<void> {
  const { seed, out, signal, say, nextMark } = options;
  let tries = 0;
  const smallest = await shrink(plan, async (faults) => {
    if (signal.aborted || tries === MOST_TRIES) return false;
    tries += 1;
    await stacks.close();
    const { random: _, ...fixed } = scenario;
    const run = {
      ...{ seed, out: join(out, 'shrunk', String(tries)), reproduce: '', signal, say: () => {} },
      ...nextMark(),
    };
    const { verdict } = await runScenario({ ...fixed, faults }, await stacks.for(scenario), run);
    say(`without the rest (${tries}): ${verdict}: ${JSON.stringify(faults)}`);
    return verdict === 'fail';
  });
  say(`fails with: faults: ${JSON.stringify(smallest)}`);
}

function byStack(scenarios: readonly NamedScenario[]): NamedScenario[] {
  const place = ({ stack }: NamedScenario) => (stack?.own ? '~' : variantOf(stack));
  return [...scenarios].sort((a, b) => (place(a) === place(b) ? 0 : place(a) < place(b) ? -1 : 1));
}
