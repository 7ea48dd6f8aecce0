import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbeddedStack } from '../../containers/embedded/stack.ts';
import type { Stack } from '../../containers/stack.ts';
import { writeReport } from '../../reports/write.ts';
import { runTraffic, type Traffic } from '../../scenarios/runs/run-traffic.ts';
import { Interrupt } from './interrupt.ts';
import { paintFor } from './paint.ts';
import { ProgressDisplay } from './progress.ts';
import { summary } from './summary.ts';

export interface EmbeddedRun {
  readonly command: string;
  readonly reproduce: string;
  readonly traffic: Traffic;
  /** Where report and ledger go. */
  readonly out: string;
  /** Leave the stack up afterwards, to look around. */
  readonly keep: boolean;
  /** The result as JSON on standard output in place of text. */
  readonly json: boolean;
  readonly concurrency?: number;
}

/** How this command starts others like itself. */
const CLICKPROOF = [process.execPath, fileURLToPath(new URL('../bin.js', import.meta.url))];

/**
 * Starts the embedded stack, sends the traffic, checks every hop, reports.
 *
 * @returns the exit code: 0 only where every event is accounted for
 */
export async function runEmbedded(run: EmbeddedRun): Promise<number> {
  const out = resolve(run.out);
  const dataDir = join(out, 'data');
  const display = new ProgressDisplay({ quiet: run.json });
  let stack: Stack | undefined;
  using interrupt = new Interrupt({
    first: () => display.say('stops sending, drains and reports; Ctrl-C once more to stop at once'),
    second: () => {
      for (const pid of stack?.pids().values() ?? []) process.kill(pid, 'SIGKILL');
    },
  });
  const starting = performance.now();
  stack = await startEmbeddedStack({ dataDir, clickproof: CLICKPROOF });
  try {
    for (const line of stack.description) display.say(line);
    display.say(
      `up in ${((performance.now() - starting) / 1000).toFixed(1)} s, collector at ${stack.collectorUrl}`,
    );
    const result = await runTraffic({
      stack,
      traffic: run.traffic,
      folder: out,
      command: run.command,
      reproduce: run.reproduce,
      stopSending: interrupt.signal,
      ...(run.concurrency && { concurrency: run.concurrency }),
      events: {
        sending: (sent, progress) => display.sending(sent, progress),
        draining: (progress) => display.draining(progress),
        checking: (hop) => display.checking(hop),
      },
    });
    display.finish();
    const files = await writeReport(out, result);
    if (run.json) console.log(JSON.stringify(result));
    else {
      console.log(`\n${summary(result, paintFor(process.stdout))}\n`);
      console.log(`report  ${files.html}\nresult  ${files.json}`);
    }
    if (run.keep) await lookAround(stack, display);
    return result.verdict === 'pass' ? 0 : 1;
  } finally {
    display.finish();
    await stack.stop();
    if (!run.keep) await rm(dataDir, { recursive: true, force: true });
  }
}

/** Leaves the stack up until Ctrl-C. */
async function lookAround(stack: Stack, display: ProgressDisplay): Promise<void> {
  display.say(`\nthe stack stays up until Ctrl-C:
  collector    ${stack.collectorUrl}
  ClickHouse   ${stack.clickhouse.url}/?query=SELECT+count()+FROM+tracking.events+FINAL
  event log    ${stack.eventLog.path}
  profiles     ${stack.profiles.path}
  access log   ${stack.accessLog}`);
  await new Promise<void>((done) => {
    process.once('SIGINT', done);
    process.once('SIGTERM', done);
  });
}
