import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { onPull } from '../../containers/images/pull.ts';
import type { Stack, Target } from '../../containers/stack.ts';
import type { BenchmarkResult, Result } from '../../reports/result.ts';
import { writeReport } from '../../reports/write.ts';
import { runTraffic, type Traffic } from '../../scenarios/runs/run-traffic.ts';
import { workBegins } from '../begun.ts';
import { Interrupt, nextInterrupt } from '../interrupt.ts';
import { paintFor } from './paint.ts';
import { ProgressDisplay } from './progress.ts';
import type { Provable } from './provable.ts';
import type { StackChoice } from './stack-kinds.ts';
import { startStack } from './start-stack.ts';
import { summary } from './summary.ts';

export interface StackRun {
  readonly stack: StackChoice;
  readonly command: string;
  readonly reproduce: string;
  readonly traffic: Traffic;
  /** Where report and ledger go: a folder that is there and holds no run. */
  readonly out: string;
  /** Leave the stack up afterwards, to look around. */
  readonly keep: boolean;
  /** The result as JSON on standard output in place of text. */
  readonly json: boolean;
  readonly concurrency?: number;
  /** Made of the result, and added to it. */
  readonly figures?: (result: Result) => readonly BenchmarkResult[];
}

/** What a start takes its time for. */
const STARTS: Readonly<Record<StackChoice['kind'], string>> = {
  embedded: 'the embedded stack, some seconds',
  containers:
    'Kafka, Redis, Elasticsearch and ClickHouse in containers, and the processes on them; 20 s to a minute',
  external: 'the processes on your services',
};

/** How a run ended. */
export interface RunEnd {
  readonly code: number;
  /** By Ctrl-C, even if all that was sent is accounted for: nothing else is to be begun. */
  readonly interrupted: boolean;
}

/**
 * Starts the stack, sends the traffic, checks every hop, reports. What the processes stored and said stays where
 * the run did not pass; otherwise it is removed again.
 *
 * @returns how it ended; the exit code is 0 only where every event is accounted for
 */
export async function runOnStack(run: StackRun): Promise<RunEnd> {
  const dataDir = join(run.out, 'data');
  const display = new ProgressDisplay({ quiet: run.json });
  let passed = false;
  let provable: Provable | undefined;
  const leaves = () =>
    existsSync(dataDir) ? `what the processes stored and said is in ${dataDir}` : undefined;
  const stoppedEarly = (): RunEnd => {
    display.say('stopped before anything was sent');
    return { code: 130, interrupted: true };
  };
  try {
    const startable = startStack(run.stack, { dataDir, folder: run.out, mark: run.traffic.mark });
    const interrupt = new Interrupt(() => display.say(stopping(provable?.stack)), startable.remove, leaves);
    const starting = performance.now();
    display.say(`starting: ${STARTS[run.stack.kind]}`);
    const noMore = onPull((image) => display.say(`pulls ${image} …`));
    try {
      provable = await startable.start(interrupt.signal);
    } catch (error) {
      if (!interrupt.signal.aborted) throw error;
      return stoppedEarly();
    } finally {
      noMore();
    }
    const { stack } = provable;
    try {
      // Not every start can be given up.
      if (interrupt.signal.aborted) return stoppedEarly();
      for (const line of stack.description) display.say(line);
      const seconds = ((performance.now() - starting) / 1000).toFixed(1);
      if (stack.pids().size > 0) display.say(`up in ${seconds} s, collector at ${stack.collectorUrl}`);
      const result = await proven(run, provable, display, interrupt.signal);
      passed = result.verdict === 'pass';
      interrupt[Symbol.dispose]();
      if (run.keep && provable.prover === undefined)
        await lookAround(provable.stack, startable.remove, leaves);
    } finally {
      display.finish();
      await stack.stop();
      interrupt[Symbol.dispose]();
    }
    return { code: passed ? 0 : 1, interrupted: interrupt.signal.aborted };
  } finally {
    if (passed) {
      for (const folder of [dataDir, join(run.out, 'check')])
        await rm(folder, { recursive: true, force: true });
    } else if (existsSync(dataDir)) display.say(leaves()!);
  }
}

/** Runs the traffic through the stack, and writes and says what became of it. */
async function proven(
  run: StackRun,
  provable: Provable,
  display: ProgressDisplay,
  stopSending: AbortSignal,
): Promise<Result> {
  const through = provable.prover
    ? { stack: provable.stack, prover: await provable.prover() }
    : { stack: provable.stack };
  workBegins();
  const ran = await runTraffic({
    ...through,
    traffic: run.traffic,
    folder: run.out,
    command: run.command,
    reproduce: run.reproduce,
    stopSending,
    ...(run.concurrency && { concurrency: run.concurrency }),
    events: {
      sending: (sent, progress) => display.sending(sent, progress),
      draining: (progress) => display.draining(progress),
      checking: (hop) => display.checking(hop),
    },
  });
  display.finish();
  const result = run.figures ? { ...ran, benchmarks: run.figures(ran) } : ran;
  const files = await writeReport(run.out, result);
  if (run.json) console.log(JSON.stringify(result));
  else {
    console.log(`\n${summary(result, paintFor(process.stdout))}\n`);
    console.log(`report  ${files.html}\nresult  ${files.json}`);
    const leftovers = await provable.leftovers?.();
    if (leftovers)
      console.log(`\nto delete what this run left:\n${leftovers.map((line) => `  ${line}`).join('\n')}`);
  }
  return result;
}

function stopping(stack: Target | undefined): string {
  return stack === undefined
    ? 'stops what has been started; Ctrl-C once more to stop at once'
    : 'stops sending, drains and reports; Ctrl-C once more to stop at once';
}

/** Leaves the stack up until Ctrl-C. */
async function lookAround(
  stack: Stack,
  remove: (() => Promise<void>) | undefined,
  leaves: () => string | undefined,
): Promise<void> {
  const { collectorUrl, clickhouse, elasticsearch, accessLog, eventLog, profiles } = stack;
  const places = [
    ['collector', collectorUrl],
    [
      'ClickHouse',
      clickhouse && `${clickhouse.url}/?query=SELECT+count()+FROM+${clickhouse.database}.events+FINAL`,
    ],
    ['Elasticsearch', elasticsearch && `${elasticsearch.url}/${elasticsearch.alias}/_search`],
    ['event log', eventLog.kind === 'kafka' ? eventLog.brokers.join(',') : eventLog.path],
    ['profiles', profiles && (profiles.kind === 'redis' ? shownUrl(profiles.url) : profiles.path)],
    ['access log', accessLog],
  ] as const;
  console.error('\nthe stack stays up until Ctrl-C, which also removes its data:');
  for (const [name, place] of places) if (place) console.error(`  ${name.padEnd(13)}  ${place}`);
  await nextInterrupt(remove, leaves);
}

/** Without credentials. */
function shownUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
