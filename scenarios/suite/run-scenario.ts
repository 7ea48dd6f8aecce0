import { createHash } from 'node:crypto';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlledStack } from '../../containers/controlled-stack.ts';
import type { RoleRestart } from '../../containers/stack.ts';
import { ClickproofError, hasCode } from '../../pipeline/contracts/errors.ts';
import type { Result } from '../../reports/result.ts';
import type { FaultResult, ScenarioResult } from '../../reports/suite-result.ts';
import { writeReport } from '../../reports/write.ts';
import { planTraffic, runMark, trafficSettings } from '../../simulator/plan/index.ts';
import type { PlannedRequest } from '../../simulator/plan/request.ts';
import { Random, rootOf } from '../../simulator/random/random.ts';
import type { SendProgress } from '../../simulator/transport/index.ts';
import { nameOn } from '../faults/names.ts';
import { type Breakable, ownParts } from '../faults/own.ts';
import { backPressure } from '../runs/back-pressure.ts';
import { eventsInStores } from '../runs/events-in-stores.ts';
import { requireFreshMark } from '../runs/fresh-mark.ts';
import { runTraffic, type Traffic } from '../runs/run-traffic.ts';
import { happen } from './fault-plan.ts';
import { type Possible, possibleOn } from './possible.ts';
import { probe } from './probe.ts';
import { randomPlan } from './random-plan.ts';
import type { Expectation, NamedScenario } from './scenario.ts';
import { judgeScenario, promised } from './verdict.ts';
import { RunWorld } from './world.ts';

/** A stack that a scenario is to run on, and where its data and logs are. */
export interface Stage {
  readonly stack: ControlledStack;
  readonly dataDir: string;
}

export interface ScenarioRun {
  /** The suite's seed: the scenario's own is made of it and of the name. */
  readonly seed: number;
  /** The suite's folder; the scenario's is one in it. */
  readonly out: string;
  readonly reproduce: string;
  /** Names its traffic, on services that hold other runs' events, too; by default what the seed gives. */
  readonly mark?: string;
  /** Gives it up. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** As much as a stage needs to work in batches, as little as two cores do beside a stack's processes. */
const TRAFFIC = { rate: '150/s', visitors: 300, dwellScale: 0.05 };
/** What the faults do not need of it is not sent. */
const LONG = '1h';
const WITHOUT_FAULTS = '10s';
/** Of a million events, no reader may be more records behind than this: seconds, when something was killed. */
const MOST_BEHIND = 10_000;
/** What is being given up may take so long to notice. */
const GIVEN_UP_WITHIN_MS = 30_000;
/** Two clocks say when something happened, in whole milliseconds, and one of them may be set. */
const CLOCKS_DIFFER_MS = 1_000;
const MINUTE_MS = 60_000;

/** Runs one scenario on a stack: traffic and faults, drain, check, one event more; says what came of it and keeps what shows why. */
export async function runScenario(
  scenario: NamedScenario,
  { stack, dataDir }: Stage,
  run: ScenarioRun,
): Promise<ScenarioResult> {
  const { name, title, expect } = scenario;
  const { plan, leftOut: impossible } = planOf(scenario, stack, run.seed);
  if (scenario.random) for (const step of plan) run.say(`drawn: ${JSON.stringify(step)}`);
  if (stack.kind === 'external') {
    for (const fault of impossible) run.say(`left out, since this is not ours: ${JSON.stringify(fault)}`);
  }
  const began = performance.now();
  const folder = join(run.out, 'scenarios', name);
  await mkdir(folder, { recursive: true });
  const limit = AbortSignal.timeout(scenario.limitMs);
  const signal = AbortSignal.any([run.signal, limit]);
  const seed = seedOf(run.seed, name);
  const settings = trafficSettings.parse({
    duration: plan.length > 0 || scenario.events !== undefined ? LONG : WITHOUT_FAULTS,
    ...TRAFFIC,
    ...scenario.traffic,
    seed,
    ...(run.mark && { mark: run.mark }),
  });
  const mark = runMark(settings);

  const faults: FaultResult[] = [];
  const troubles: string[] = [];
  const doubts: string[] = [];
  if (plan.length === 0 && impossible.length > 0)
    doubts.push('nothing of what is to go wrong can happen here');
  const found: { result?: Result; probe?: Result } = {};
  let sendingSince = Number.POSITIVE_INFINITY;
  let requests = 0;
  let held = false;
  let progress: (() => SendProgress) | undefined;
  let eachMinute: NodeJS.Timeout | undefined;
  const leftOut = new Set<string>();
  const disturbed = new Set<string>();
  const sending = new AbortController();

  const sent = (): Pick<Traffic, 'plan' | 'speed'> => {
    const plan = counted(firstOf(planTraffic(settings), scenario.events), () => {
      requests += 1;
    });
    if (scenario.events === undefined) return { plan, speed: 'realtime' };
    const pressed = backPressure(plan, stack, MOST_BEHIND, signal, (is) => {
      held = is;
    });
    return { plan: pressed, speed: 'max' };
  };
  const proven = async (): Promise<void> => {
    if (run.mark) await requireFreshMark(stack, mark);
    found.result = await runTraffic({
      stack,
      traffic: {
        ...{ mark, seed, settings: { ...settings } },
        ...sent(),
      },
      folder,
      command: `verify ${name}`,
      reproduce: run.reproduce,
      stopSending: AbortSignal.any([sending.signal, signal]),
      signal,
      leftOut,
      disturbed,
      events: {
        checking: (hop) => run.say(`checks ${hop}`),
        draining: () => clearInterval(eachMinute),
        began(ask) {
          progress = ask;
          eachMinute = setInterval(() => run.say(sendingOf(ask(), scenario.events)), MINUTE_MS);
        },
      },
      ...(plan.length > 0 && {
        async faults() {
          const world = new RunWorld(stack, signal, {
            requests: () => requests,
            held: () => held,
            underWay() {
              const { inFlight = 0, waiting = 0 } = progress?.() ?? {};
              return inFlight + waiting;
            },
            ...{ leftOut, ownMark: besides(mark, 'own'), events: scenario.events },
          });
          sendingSince = Date.now();
          try {
            await happen(name, plan, world, (evidence) => {
              faults.push(evidence);
              const { cell, observed, missing } = evidence;
              disturbed.add(cell.where);
              run.say(
                `${cell.where}: ${cell.fault}: ${[...observed, ...missing.map((what) => `not seen: ${what}`)].join('; ')}`,
              );
            });
          } catch (error) {
            // What is lost by then is to be found out all the same.
            if (signal.aborted) return;
            const what = (error as Error).message;
            // What only those who make faults meet says nothing of the pipeline.
            if (hasCode(error, 'UNKNOWN_ROLE')) {
              const { remedy } = error as ClickproofError;
              doubts.push(`a fault could not be made: ${what} on this stack; ${remedy}`);
            } else if (error instanceof ClickproofError) troubles.push(`a fault was not got over: ${what}`);
            else doubts.push(`a fault could not be made, or not be ended: ${what}`);
          } finally {
            if (scenario.events === undefined) sending.abort();
          }
          run.say('the faults are over');
        },
      }),
    });
    if (scenario.events !== undefined) run.say(tookOf(found.result));
    const used = (found.result.check?.peakMemoryBytes ?? 0) / 1e6;
    if (scenario.memory !== undefined && used > scenario.memory)
      troubles.push(`the check took ${Math.round(used)} MB of memory, more than ${scenario.memory}`);
    run.say('sends one more event');
    const before = await eventsInStores(stack, mark);
    found.probe = await probe(stack, besides(mark, 'probe'), seed, folder, signal);
    for (const [store, events] of await eventsInStores(stack, mark)) {
      const more = events - (before.get(store) ?? 0);
      if (more !== 0) troubles.push(`${store}: ${more} events came after everything had come through`);
    }
  };
  try {
    await unlessGivenUp(proven(), signal);
  } catch (error) {
    if (run.signal.aborted) doubts.push('it was interrupted');
    else if (hasCode(error, 'HOP_UNREADABLE') || hasCode(error, 'MARK_IN_USE'))
      doubts.push((error as Error).message);
    else if (error instanceof ClickproofError) troubles.push(error.message);
    else if (!limit.aborted) throw error;
  } finally {
    clearInterval(eachMinute);
  }
  // A pipeline that stands still has been noticed before: this is a machine that is slow, or a limit that is low.
  if (limit.aborted) doubts.push(`it was given up after ${scenario.limitMs / 1000} s`);
  for (const { role, how, at } of unexplained(stack, faults, began, sendingSince)) {
    troubles.push(`${role} ${how} by itself, ${new Date(at).toISOString()}`);
  }
  const { result } = found;
  const judged = judgeScenario(expectOn(expect, stack), {
    result,
    probe: found.probe,
    faults,
    troubles,
    doubts,
  });
  if (result) await writeReport(folder, { ...result, verdict: judged.verdict, reasons: judged.reasons });
  const outcome: ScenarioResult = {
    ...{ name, title },
    promised: promised(expect),
    ...judged,
    faults,
    ...(stack.kind === 'external' &&
      impossible.length > 0 && { leftOut: impossible.map((fault) => JSON.stringify(fault)) }),
    requests: result?.traffic.requests ?? requests,
    events: result?.traffic.events ?? 0,
    seconds: (performance.now() - began) / 1000,
    stack: { kind: stack.kind, description: stack.description },
    reproduce: run.reproduce,
    folder: join('scenarios', name),
  };
  if (judged.verdict === 'pass') await dropHistory(folder);
  else await keepLogs(folder, stack, dataDir);
  return outcome;
}

/**
 * The mark of what is sent besides the scenario's own. Traffic belongs to a run where its mark occurs in it: the one must not be part of
 * the other. On services that stay it begins with what all of the suite begins with there: `verify-1-probe-7`.
 */
function besides(mark: string, what: 'probe' | 'own'): string {
  const [, suite, number] = /^(.+)-(\d+)$/.exec(mark) ?? [];
  if (suite !== undefined) return `${suite}-${what}-${number}`;
  return `${what}-${createHash('sha256').update(mark).digest('hex').slice(0, 8)}`;
}

/** What goes wrong: as it is declared, or as it is drawn. */
export function planOf(
  { name, faults = [], random }: NamedScenario,
  stack: Breakable,
  seed: number,
): Possible {
  if (random === undefined) return possibleOn(name, faults, stack);
  return { plan: randomPlan(new Random(rootOf(seed, name)), ownParts(stack), random), leftOut: [] };
}

/** A scenario calls hops by their usual names. */
function expectOn(expect: Expectation, stack: ControlledStack): Expectation {
  return 'at' in expect ? { ...expect, at: nameOn(stack, expect.at) } : expect;
}

/** Another scenario, another seed, so that they share no visitor. */
function seedOf(seed: number, name: string): number {
  return createHash('sha256').update(`${seed} ${name}`).digest().readUInt32BE(0);
}

function sendingOf({ events, elapsed }: SendProgress, of?: number): string {
  const perSecond = Math.round(events / (elapsed / 1000));
  return `has sent ${events}${of === undefined ? '' : ` of ${of}`} events, ${perSecond} a second`;
}

/** What a long run is asked first. */
function tookOf({ traffic, check }: Result): string {
  const megabytes = Math.round((check?.peakMemoryBytes ?? 0) / 1e6);
  const parts = [traffic.seconds, check?.drainSeconds ?? 0, check?.seconds ?? 0].map(Math.round);
  return `${traffic.events} events: sent in ${parts[0]} s, through ${parts[1]} s later, checked in ${parts[2]} s with at most ${megabytes} MB`;
}

/** @param count undefined: all of them */
function* firstOf(
  plan: Iterable<PlannedRequest>,
  count = Number.POSITIVE_INFINITY,
): Generator<PlannedRequest> {
  let events = 0;
  for (const request of plan) {
    yield request;
    events += request.events;
    if (events >= count) return;
  }
}

function* counted<T>(plan: Iterable<T>, count: () => void): Generator<T> {
  for (const one of plan) {
    yield one;
    count();
  }
}

/** Work that does not notice that it is given up is left to itself; its stack will be stopped. */
async function unlessGivenUp(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    timer = setTimeout(() => reject(signal.reason), GIVEN_UP_WITHIN_MS);
  };
  signal.addEventListener('abort', onAbort);
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Roles that ended without having been made to. At a fail point one kills itself, and that was wanted. */
function unexplained(
  stack: ControlledStack,
  faults: readonly FaultResult[],
  began: number,
  sendingSince: number,
): RoleRestart[] {
  const since = Date.now() - (performance.now() - began);
  const wanted = ({ role, how, at }: RoleRestart) =>
    how === 'ended by SIGKILL' &&
    faults.some(({ cell, began: from, ended: to }) => {
      const ms = at - sendingSince;
      return (
        cell.table === 'fail points' &&
        cell.where === role &&
        ms >= from - CLOCKS_DIFFER_MS &&
        ms <= to + CLOCKS_DIFFER_MS
      );
    });
  return stack.restarts.filter((restart) => restart.at >= since && !wanted(restart));
}

const HISTORY = ['ledger', 'check', 'probe'];

async function dropHistory(folder: string): Promise<void> {
  for (const part of HISTORY) await rm(join(folder, part), { recursive: true, force: true });
}

/** What processes and servers said, beside the ledger. */
async function keepLogs(folder: string, stack: ControlledStack, dataDir: string): Promise<void> {
  const logs = join(folder, 'logs');
  await cp(join(dataDir, 'logs'), logs, { recursive: true });
  const servers = await stack.serverLogs().catch(() => ({}));
  for (const [server, text] of Object.entries(servers)) await writeFile(join(logs, `${server}.log`), text);
}
