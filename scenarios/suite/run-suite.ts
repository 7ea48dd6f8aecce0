import { fileURLToPath } from 'node:url';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { VERSION } from '../../pipeline/contracts/version.ts';
import type { ScenarioResult, SuiteResult } from '../../reports/suite-result.ts';
import { SUITE_SCHEMA } from '../../reports/suite-result.ts';
import { machine } from '../runs/run-traffic.ts';
import { commandAgain } from './again.ts';
import { coverage, worst } from './coverage.ts';
import { STOP_CHANNEL, type SuiteOptions } from './options.ts';
import type { NamedScenario } from './scenario.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ENTRY = 'scenarios/suite/verify.entry.ts';

/** Who is told how a suite goes on. */
export interface SuiteEvents {
  /** What a scenario has to say while it runs. */
  said(scenario: string, line: string): void;
  ended(result: ScenarioResult): void;
}

export interface SuiteRun extends Omit<SuiteOptions, 'scenarios'> {
  readonly scenarios: readonly NamedScenario[];
  readonly reproduce: string;
  /** Brings it to an end: the scenario that runs is given up, and stacks are stopped. */
  readonly signal: AbortSignal;
  readonly events: SuiteEvents;
}

/**
 * Runs scenarios as vitest tests in a thread of this process, one after the other.
 *
 * @throws ClickproofError SUITE_NOT_HERE, where vitest is not installed; SUITE_BROKEN, where the tests could not run at all
 */
export async function runSuite(run: SuiteRun): Promise<SuiteResult> {
  const { createVitest } = await vitestNode();
  const { SuiteReporter } = await import('./reporter.ts');
  const { scenarios, reproduce, signal, events, ...given } = run;
  const startedAt = new Date();
  const results: ScenarioResult[] = [];
  const broken: string[] = [];
  const reporter = new SuiteReporter({
    said: (name, line) => events.said(name, line),
    ended(name, result, errors) {
      const scenario = scenarios.find((one) => one.name === name)!;
      const ended = result ?? withoutResult(scenario, run, signal.aborted ? ['it was interrupted'] : errors);
      results.push(ended);
      events.ended(ended);
    },
    broke: (error) => void broken.push(error),
  });
  const suite: SuiteOptions = { ...given, scenarios: scenarios.map(({ name }) => name) };
  const listeners = process.listeners('SIGINT').concat(process.listeners('SIGTERM'));
  const vitest = await createVitest('test', {
    ...{ config: false, root: ROOT, include: [ENTRY], watch: false },
    // Signals and the way to be told to stop are those of this process.
    ...{ pool: 'threads', fileParallelism: false, maxWorkers: 1 },
    reporters: [reporter],
    provide: { suite },
  });
  leaveInterruptsTo(listeners);
  const channel = new BroadcastChannel(STOP_CHANNEL);
  const stop = () => channel.postMessage('stop');
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    await vitest.start([ENTRY]);
  } finally {
    signal.removeEventListener('abort', stop);
    channel.close();
    await vitest.close();
  }
  if (broken.length > 0 && results.length === 0 && !signal.aborted) {
    throw new ClickproofError('SUITE_BROKEN', `the scenarios could not run: ${broken.join('; ')}`);
  }
  return {
    schema: SUITE_SCHEMA,
    version: VERSION,
    reproduce,
    startedAt: startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    seed: run.seed,
    machine: machine(),
    verdict: worst([
      ...results.map(({ verdict }) => verdict),
      ...(results.length < scenarios.length || broken.length > 0 ? (['unknown'] as const) : []),
    ]),
    ...(broken.length > 0 && { troubles: broken }),
    scenarios: results,
    coverage: coverage(results),
  };
}

/** A scenario whose test did not come to a result: its stack did not start, for one. */
function withoutResult(
  { name, title, expect }: NamedScenario,
  options: Pick<SuiteOptions, 'stack' | 'seed' | 'external'>,
  reasons: readonly string[],
): ScenarioResult {
  return {
    ...{ name, title, promised: expect.outcome },
    ...{ verdict: 'unknown', reasons, seen: [], faults: [], requests: 0, events: 0, seconds: 0 },
    stack: { kind: options.stack, description: [] },
    reproduce: commandAgain(name, options),
    folder: '',
  };
}

/** Vitest ends the process at the first Ctrl-C. This one has stacks to stop first. */
function leaveInterruptsTo(listeners: readonly NodeJS.SignalsListener[]): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    for (const listener of process.listeners(signal)) {
      if (!listeners.includes(listener)) process.off(signal, listener);
    }
  }
}

async function vitestNode() {
  try {
    return await import('vitest/node');
  } catch (cause) {
    throw new ClickproofError('SUITE_NOT_HERE', 'the scenarios are no part of the published package', {
      remedy: 'run them in a clone of the project: npm ci && npm run verify',
      cause,
    });
  }
}
