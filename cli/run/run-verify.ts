import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { ScenarioResult, SuiteResult } from '../../reports/suite-result.ts';
import { writeSuite } from '../../reports/write-suite.ts';
import { loadScenarios } from '../../scenarios/suite/load.ts';
import { runSuite } from '../../scenarios/suite/run-suite.ts';
import { runsOn, select } from '../../scenarios/suite/select.ts';
import type { StackKind } from '../../scenarios/suite/stacks.ts';
import { promised } from '../../scenarios/suite/verdict.ts';
import { workBegins } from '../begun.ts';
import { Interrupt } from '../interrupt.ts';
import { coverageText } from './coverage-text.ts';
import { type Paint, paintFor } from './paint.ts';
import { makeRunFolder, reproduction } from './places.ts';
import { textTable } from './text-table.ts';

export interface VerifyFlags {
  readonly list?: boolean;
  readonly scenario: readonly string[];
  readonly stack: StackKind;
  readonly seed: number;
  readonly shrink?: boolean;
  readonly events?: number;
  readonly out?: string;
  readonly json?: boolean;
}

/** Says which scenarios there are. */
export async function listScenarios({ json }: VerifyFlags): Promise<number> {
  const all = await loadScenarios();
  if (json) {
    for (const one of all) console.log(JSON.stringify({ ...one, stacks: stacksOf(one) }));
    return 0;
  }
  const rows = all.map((one) => [
    one.name,
    stacksOf(one).join(', ') + (one.alone ? ', when named' : ''),
    promised(one.expect),
    one.title,
  ]);
  console.log(textTable(['scenario', 'stacks', 'promised', 'what happens'], rows));
  return 0;
}

function stacksOf(scenario: Parameters<typeof runsOn>[0]): StackKind[] {
  return (['embedded', 'containers'] as const).filter((kind) => runsOn(scenario, kind));
}

/** Runs scenarios. @returns the exit code: 0 only where each came out as promised */
export async function runVerify(flags: VerifyFlags): Promise<number> {
  const scenarios = select(await loadScenarios(), flags.scenario, flags.stack);
  if (flags.stack === 'containers') await requireEngine();
  const out = makeRunFolder('verify', flags.out);
  const say = flags.json ? () => {} : (line: string) => console.log(line);
  const paint = paintFor(process.stdout);
  const run = `verify-${process.pid}-${randomBytes(3).toString('hex')}`;
  using interrupt = new Interrupt(
    () =>
      console.error('gives up the scenario that runs and stops its stack; Ctrl-C once more to stop at once'),
    flags.stack === 'containers' ? () => removeAll(run, scenarios.length) : undefined,
  );
  let current = '';
  workBegins();
  const result = await runSuite({
    ...{ scenarios, stack: flags.stack, seed: flags.seed, out, run, signal: interrupt.signal },
    ...(flags.shrink && { shrink: true }),
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
  if (interrupt.signal.aborted) return 130;
  return result.verdict === 'pass' ? 0 : 1;
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

async function removeAll(run: string, stacks: number): Promise<void> {
  const { removeContainers } = await import('../../containers/definitions/stack.ts');
  for (let n = 1; n <= stacks; n++) await removeContainers(`${run}-${n}`);
}

function outcomeText(one: ScenarioResult, out: string, paint: Paint): string {
  const colour = { pass: paint.good, fail: paint.bad, unknown: paint.unsure }[one.verdict];
  const lines = [
    `${colour(one.verdict.toUpperCase())}  ${one.name}: ${one.promised}; ${one.events} events, ${one.faults.length} faults, ${one.seconds.toFixed(0)} s`,
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
    paint.bold(
      colour(
        `${verdict.toUpperCase()}  ${of('pass')} passed, ${of('fail')} failed, ${of('unknown')} unknown`,
      ),
    ),
  ].join('\n');
}
