import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmbeddedStack } from '../../containers/embedded/stack.ts';
import type { Stack } from '../../containers/stack.ts';
import type { Result, TimelineSample } from '../../reports/result.ts';
import { runTraffic } from '../../scenarios/runs/run-traffic.ts';
import { planTraffic, runMark, trafficSettings } from '../../simulator/plan/index.ts';
import type { BenchContext } from '../benchmark.ts';

/** Lag of so many seconds' worth of traffic, in the last third of the run, is what bursts do; more is a queue that grows. */
const BOUNDED_SECONDS = 3;

export interface CheckedRun {
  readonly result: Result;
  /** Nothing lost, the generator kept its pace, and no queue grew. */
  readonly sustained: boolean;
  /** Why not. */
  readonly why: string;
}

/** Sends traffic at a rate, open loop, through a new stack and checks every hop against the ledger. */
export async function runAt(
  rate: number,
  seconds: number,
  context: BenchContext,
  options: { seed: number; whileSending?: (stack: Stack) => Promise<void> },
): Promise<CheckedRun> {
  const settings = trafficSettings.parse({
    rate,
    duration: seconds * 1000,
    visitors: 5_000,
    seed: options.seed,
  });
  const folder = join(context.out, 'end-to-end');
  const dataDir = join(folder, 'data');
  await rm(folder, { recursive: true, force: true });
  const stack = await startEmbeddedStack({ dataDir, clickproof: context.clickproof });
  try {
    const result = await runTraffic({
      stack,
      traffic: {
        mark: runMark(settings),
        seed: settings.seed,
        settings,
        plan: planTraffic(settings),
        speed: 'realtime',
      },
      folder,
      command: 'bench',
      reproduce: context.reproduce,
      stopSending: context.signal,
      ...(options.whileSending && { faults: options.whileSending }),
    });
    return { result, ...judge(result, rate) };
  } finally {
    await stack.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function judge(result: Result, rate: number): { sustained: boolean; why: string } {
  if (result.verdict !== 'pass') return { sustained: false, why: `the ledger says ${result.verdict}` };
  if (result.traffic.generator.bottleneck) return { sustained: false, why: 'the generator fell behind' };
  const behind = mostBehind(result.timeline) / rate;
  return behind <= BOUNDED_SECONDS
    ? { sustained: true, why: '' }
    : { sustained: false, why: `it was ${behind.toFixed(1)} s behind` };
}

/** The largest lag, in events, in the last third of the time in which something was sent. */
export function mostBehind(timeline: readonly TimelineSample[]): number {
  const sent = timeline.map(({ counts }) => counts.sent ?? 0);
  const end = sent.indexOf(Math.max(0, ...sent));
  const last = timeline.slice(Math.floor((end * 2) / 3), end + 1);
  return Math.max(0, ...last.map(({ lag }) => Object.values(lag).reduce((sum, one) => sum + one, 0)));
}
