import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack, StackProgress } from '../../containers/stack.ts';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { behind } from '../../scenarios/throughput/behind.ts';
import { type PlannedRequest, planTraffic, trafficSettings } from '../../simulator/plan/index.ts';
import { send } from '../../simulator/transport/index.ts';
import { cpuPerEvent, cpuSeconds } from './cpu.ts';
import type { MeasuredStack } from './measured-stack.ts';

/** What is looked at meanwhile. */
export interface Probed {
  readonly stack: Pick<Stack, 'progress' | 'pids' | 'collectorUrl'>;
  readonly servers: MeasuredStack['servers'];
  /** How many events ClickHouse has. */
  arrived(): Promise<number>;
}

export interface ProbeResult {
  readonly eventsPerSecond: number;
  readonly cpuPerEvent: readonly { readonly role: string; readonly microseconds: number }[];
  /** The share of all cores' time that the pipeline and the generator took. */
  readonly coresUsed: number;
}

/** So many events may be under way: enough for full batches everywhere, little enough that a few seconds show the steady state. */
const WINDOW = 8_000;
/** A look asks Kafka for the offsets of every group: often enough for the window, and seldom enough to cost nothing beside the traffic. */
const LOOK_EVERY_MS = 500;
/** Warming up lasts until the window was full once, since what is on its way then has been paid for and not arrived; at most so many times as long. */
const LONGEST_WARM_UP = 3;
/** More than any pipeline on one machine takes in, events a second; what is planned for longer takes seconds before its first request. */
const PLANNED_RATE = 5_000;

/**
 * What the pipeline can do: a closed loop over all of it. Sends as fast as ClickHouse takes the events in, so that no queue grows,
 * and counts what arrives there after a while to warm up.
 *
 * @throws ClickproofError RUN_FAILED nothing arrived, or sending ended by itself
 */
export async function probe(
  { stack, servers, arrived }: Probed,
  { warmUpSeconds, seconds, seed }: { warmUpSeconds: number; seconds: number; seed: number },
): Promise<ProbeResult> {
  const stopping = new AbortController();
  const { signal } = stopping;
  let progress: StackProgress = await stack.progress();
  const watching = (async () => {
    while (!signal.aborted) {
      progress = await stack.progress();
      await sleep(LOOK_EVERY_MS);
    }
  })();
  const full = Promise.withResolvers<void>();
  async function* throttled(plan: Iterable<PlannedRequest>) {
    for (const request of plan) {
      while (behind(progress) > WINDOW && !signal.aborted) {
        full.resolve();
        await sleep(LOOK_EVERY_MS / 10);
      }
      if (signal.aborted) return;
      yield request;
    }
  }
  const longest = warmUpSeconds * LONGEST_WARM_UP;
  const duration = Math.max(1, longest + seconds) * 1000;
  const plan = planTraffic(trafficSettings.parse({ rate: PLANNED_RATE, duration, visitors: 5_000, seed }));
  const sending = send(throttled(plan), { target: stack.collectorUrl, speed: 'max', signal });
  const broken = Promise.race([sending, watching]).then(() => {
    throw failed('sending ended before it was told to');
  });
  // Met by the races below; until then, and when it is told to end, nobody must take it for unhandled.
  broken.catch(() => {});
  try {
    const filled = Promise.race([
      full.promise,
      sleep((longest - warmUpSeconds) * 1000, undefined, { signal }),
    ]);
    filled.catch(() => {}); // told to end
    await Promise.race([sleep(warmUpSeconds * 1000).then(() => filled), broken]);
    const look = async () => ({
      cpu: await cpuSeconds(stack, servers),
      events: await arrived(),
      at: performance.now(),
    });
    const before = await look();
    await Promise.race([sleep(seconds * 1000), broken]);
    const after = await look();
    const events = after.events - before.events;
    if (events <= 0) throw failed(`nothing came to ClickHouse in ${seconds} s`);
    const elapsed = (after.at - before.at) / 1000;
    const costs = cpuPerEvent(before.cpu, after.cpu, events);
    const busy = costs.reduce((sum, { microseconds }) => sum + microseconds, 0);
    return {
      eventsPerSecond: events / elapsed,
      cpuPerEvent: costs,
      coresUsed: (busy * events) / 1e6 / elapsed,
    };
  } finally {
    stopping.abort();
    // What one of them failed for has been thrown.
    await Promise.allSettled([sending, watching]);
  }
}

function failed(what: string): ClickproofError {
  return new ClickproofError('RUN_FAILED', `the closed loop: ${what}`, {
    remedy: 'npm run simulate shows whether the pipeline works at all',
  });
}
