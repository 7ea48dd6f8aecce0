import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmbeddedStack } from '../../containers/embedded/stack.ts';
import type { Stack } from '../../containers/stack.ts';
import type { Result } from '../../reports/result.ts';
import { writeReport } from '../../reports/write.ts';
import { runTraffic, type Traffic } from '../../scenarios/runs/run-traffic.ts';
import { Interrupt, nextInterrupt } from '../interrupt.ts';
import { CLICKPROOF } from '../self.ts';
import { paintFor } from './paint.ts';
import { ProgressDisplay } from './progress.ts';
import { summary } from './summary.ts';

export interface EmbeddedRun {
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
}

/**
 * Starts the embedded stack, sends the traffic, checks every hop, reports. What the processes stored and said stays where
 * the run did not pass; otherwise it is removed again.
 *
 * @returns the exit code: 0 only where every event is accounted for
 */
export async function runEmbedded(run: EmbeddedRun): Promise<number> {
  const dataDir = join(run.out, 'data');
  const display = new ProgressDisplay({ quiet: run.json });
  let passed = false;
  try {
    const interrupt = new Interrupt(() =>
      display.say('stops sending, drains and reports; Ctrl-C once more to stop at once'),
    );
    const starting = performance.now();
    const stack = await startEmbeddedStack({ dataDir, clickproof: CLICKPROOF });
    try {
      for (const line of stack.description) display.say(line);
      const seconds = ((performance.now() - starting) / 1000).toFixed(1);
      display.say(`up in ${seconds} s, collector at ${stack.collectorUrl}`);
      const result = await proven(run, stack, display, interrupt.signal);
      passed = result.verdict === 'pass';
      interrupt[Symbol.dispose]();
      if (run.keep) await lookAround(stack);
    } finally {
      display.finish();
      await stack.stop();
      interrupt[Symbol.dispose]();
    }
    return passed ? 0 : 1;
  } finally {
    if (passed) {
      for (const folder of [dataDir, join(run.out, 'check')])
        await rm(folder, { recursive: true, force: true });
    } else display.say(`what the processes stored and said is in ${dataDir}`);
  }
}

/** Runs the traffic through the stack, and writes and says what became of it. */
async function proven(
  run: EmbeddedRun,
  stack: Stack,
  display: ProgressDisplay,
  stopSending: AbortSignal,
): Promise<Result> {
  const result = await runTraffic({
    stack,
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
  const files = await writeReport(run.out, result);
  if (run.json) console.log(JSON.stringify(result));
  else {
    console.log(`\n${summary(result, paintFor(process.stdout))}\n`);
    console.log(`report  ${files.html}\nresult  ${files.json}`);
  }
  return result;
}

/** Leaves the stack up until Ctrl-C. */
async function lookAround(stack: Stack): Promise<void> {
  console.error(`\nthe stack stays up until Ctrl-C, which also removes its data:
  collector    ${stack.collectorUrl}
  ClickHouse   ${stack.clickhouse.url}/?query=SELECT+count()+FROM+tracking.events+FINAL
  event log    ${stack.eventLog.path}
  profiles     ${stack.profiles.path}
  access log   ${stack.accessLog}`);
  await nextInterrupt();
}
