import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack, StackProgress } from '../../containers/stack.ts';
import { type PlannedRequest, planTraffic, trafficSettings } from '../../simulator/plan/index.ts';
import { send } from '../../simulator/transport/index.ts';
import { arrived, backlog } from './backlog.ts';
import { cpuPerEvent, cpuSeconds } from './cpu.ts';

export interface ProbeResult {
  readonly eventsPerSecond: number;
  readonly cpuPerEvent: readonly { readonly role: string; readonly microseconds: number }[];
  /** The share of all cores' time that the pipeline and the generator took. */
  readonly coresUsed: number;
}

/** So many events may be under way: enough for full batches everywhere, little enough that a few seconds show the steady state. */
const WINDOW = 8_000;
const LOOK_EVERY_MS = 100;
const HOUR = 3_600_000;

/**
 * What the pipeline can do: a closed loop over all of it. Sends as fast as ClickHouse takes the events in, so that no queue grows,
 * and counts what arrives there after a while to warm up.
 */
export async function probe(
  stack: Stack,
  options: { warmUpSeconds: number; seconds: number; seed: number; signal: AbortSignal },
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
  async function* throttled(plan: Iterable<PlannedRequest>) {
    for (const request of plan) {
      while (backlog(progress) > WINDOW && !signal.aborted) await sleep(LOOK_EVERY_MS / 2);
      if (signal.aborted) return;
      yield request;
    }
  }
  const { seed } = options;
  const plan = planTraffic(trafficSettings.parse({ rate: 5_000, duration: HOUR, visitors: 5_000, seed }));
  const sending = send(throttled(plan), { target: stack.collectorUrl, speed: 'max', signal });
  // An error is met by the await below; until then nobody must take it for unhandled.
  sending.catch(() => {});
  watching.catch(() => {});
  try {
    await Promise.race([sleep(options.warmUpSeconds * 1000, undefined, options), sending, watching]);
    const before = { cpu: cpuSeconds(stack), events: arrived(await stack.progress()), at: performance.now() };
    await Promise.race([sleep(options.seconds * 1000, undefined, options), sending, watching]);
    const after = { cpu: cpuSeconds(stack), events: arrived(await stack.progress()), at: performance.now() };
    const events = after.events - before.events;
    const seconds = (after.at - before.at) / 1000;
    const costs = cpuPerEvent(before.cpu, after.cpu, events);
    const busy = costs.reduce((sum, { microseconds }) => sum + microseconds, 0);
    return {
      eventsPerSecond: events / seconds,
      cpuPerEvent: costs,
      coresUsed: (busy * events) / 1e6 / seconds,
    };
  } finally {
    stopping.abort();
    await Promise.all([sending, watching]);
  }
}
