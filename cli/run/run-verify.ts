import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { namesOf, theirsOf } from '../../containers/external/services.ts';
import { RolesOfThreads } from '../../containers/roles/roles-of-threads.ts';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { ScenarioResult, SuiteResult } from '../../reports/suite-result.ts';
import { writeSuite } from '../../reports/write-suite.ts';
import { unmountBelow } from '../../scenarios/faults/log/small-disk.ts';
import { howToDeleteSuite } from '../../scenarios/runs/how-to-delete.ts';
import { loadScenarios } from '../../scenarios/suite/load.ts';
import type { StackKind } from '../../scenarios/suite/possible.ts';
import { runSuite } from '../../scenarios/suite/run-suite.ts';
import type { NamedScenario } from '../../scenarios/suite/scenario.ts';
import { select, without } from '../../scenarios/suite/select.ts';
import { workBegins } from '../begun.ts';
import { Interrupt } from '../interrupt.ts';
import { UsageError } from '../usage-error.ts';
import { coverageText } from './coverage-text.ts';
import { type Paint, paintFor } from './paint.ts';
import { makeRunFolder, reproduction } from './places.ts';
import { removeStarted } from './remove-started.ts';
import { type ExternalFlags, externalSuite, requireServices } from './verify-external.ts';

export interface VerifyFlags extends ExternalFlags {
  readonly list?: boolean;
  readonly scenario: readonly string[];
  readonly except: readonly string[];
  readonly stack: StackKind;
  readonly seed: number;
  readonly shrink?: boolean;
  readonly events?: number;
  readonly out?: string;
  readonly json?: boolean;
}

/** Runs scenarios. @returns the exit code: 0 only where each came out as promised */
export async function runVerify(flags: VerifyFlags): Promise<number> {
  const external = flags.stack === 'external' ? externalSuite(flags) : undefined;
  const theirs = external && theirsOf(external.services);
  const all = await loadScenarios();
  const scenarios = without(select(all, flags.scenario, flags.stack, theirs), flags.except, all);
  requireCounted(flags, scenarios, all);
  if (flags.stack === 'containers') await requireEngine();
  if (external) await requireServices(external);
  const out = makeRunFolder('verify', flags.out);
  const say = flags.json ? () => {} : (line: string) => console.log(line);
  const paint = paintFor(process.stdout);
  const run = external
    ? `clickproof-verify-${randomBytes(4).toString('hex')}`
    : `verify-${process.pid}-${randomBytes(3).toString('hex')}`;
  if (external) say(`${namesOf(external.services).join('; ')}: all of this run begins with ${run} there`);
  using roles = new RolesOfThreads();
  using interrupt = new Interrupt(
    () =>
      console.error('gives up the scenario that runs and stops its stack; Ctrl-C once more to stop at once'),
    async () => {
      roles.kill();
      unmountBelow(out);
      if (flags.stack === 'containers') await removeStarted();
    },
    external && (() => `what this run left in your services begins with ${run}`),
  );
  let current = '';
  workBegins();
  const result = await runSuite({
    ...{ scenarios, stack: flags.stack, seed: flags.seed, out, run, signal: interrupt.signal },
    ...(flags.shrink && { shrink: true }),
    ...(external && { external }),
    ...(flags.events !== undefined && { eventCount: flags.events }),
    reproduce: reproduction('verify', process.argv.slice(3)).replace(
      'npx clickproof verify',
      'npm run verify --',
    ),
    events: {
      said: (name, line) => {
        if (name !== current)
          say(`${paint.bold(name)}: ${scenarios.find((one) => one.name === name)?.title}`);
        current = name;
        say(paint.dim(`  ${line}`));
      },
      ended: (ended) => say(outcomeText(ended, out, paint)),
    },
  });
  const files = await writeSuite(out, result);
  if (result.verdict === 'pass') await rm(join(out, 'stacks'), { recursive: true, force: true });
  if (flags.json) console.log(JSON.stringify(result));
  else
    say(
      `\n${summaryText(result, paint)}\n\nreport  ${files.html}\nresult  ${files.json}\nJUnit   ${files.junit}`,
    );
  if (external && !flags.json) {
    const leftovers = await howToDeleteSuite({ services: external.services, prefix: `${run}-` });
    say(`\nto delete what this run left:\n${leftovers.map((line) => `  ${line}`).join('\n')}`);
  }
  if (interrupt.signal.aborted) return 130;
  return result.verdict === 'pass' ? 0 : 1;
}

/** @throws UsageError where a number of events is asked for that no scenario takes */
function requireCounted(
  { events }: VerifyFlags,
  scenarios: readonly NamedScenario[],
  all: readonly NamedScenario[],
): void {
  const sendsSoMany = (one: NamedScenario) => one.events !== undefined;
  if (events === undefined || scenarios.some(sendsSoMany)) return;
  const names = all.filter(sendsSoMany).map(({ name }) => `--scenario ${name}`);
  throw new UsageError(
    '--events: the others send as long as their faults take',
    `name one that sends a number of events: ${names.join(', ')}`,
  );
}

/** Asks before anything is started. @throws ClickproofError ENGINE_… with the way around it */
async function requireEngine(): Promise<void> {
  const { connectEngine } = await import('../../containers/engine/index.ts');
  try {
    await connectEngine();
  } catch (error) {
    if (!(error instanceof ClickproofError)) throw error;
    const { code, message, remedy } = error;
    throw new ClickproofError(code, message, {
      remedy: `${remedy ? `${remedy}; ` : ''}without one: npm run verify -- --stack embedded`,
      cause: error,
    });
  }
}

function outcomeText(one: ScenarioResult, out: string, paint: Paint): string {
  const colour = { pass: paint.good, fail: paint.bad, unknown: paint.unsure }[one.verdict];
  const lines = [
    `${colour(one.verdict.toUpperCase())}  ${one.name}: ${one.promised}; ${one.events} events, ${one.faults.length} faults${one.leftOut ? ` (${one.leftOut.length} left out)` : ''}, ${one.seconds.toFixed(0)} s`,
    ...one.reasons.map((reason) => `  ${reason}`),
    ...one.seen.map((what) => `  seen: ${what}`),
    paint.dim(`  again: ${one.reproduce}`),
  ];
  if (one.verdict !== 'pass' && one.folder !== '') lines.push(`  its history is in ${join(out, one.folder)}`);
  return lines.join('\n');
}

function summaryText(result: SuiteResult, paint: Paint): string {
  const { scenarios, verdict } = result;
  const colour = { pass: paint.good, fail: paint.bad, unknown: paint.unsure }[verdict];
  const of = (which: string) => scenarios.filter((one) => one.verdict === which).length;
  return [
    ...coverageText(result.coverage, paint),
    ...(result.troubles ?? []).map((trouble) => `outside of any scenario: ${trouble}`),
    paint.bold(
      colour(
        `${verdict.toUpperCase()}  ${of('pass')} passed, ${of('fail')} failed, ${of('unknown')} unknown`,
      ),
    ),
  ].join('\n');
}
