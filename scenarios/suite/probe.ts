import { join } from 'node:path';
import type { Stack } from '../../containers/stack.ts';
import type { Result } from '../../reports/result.ts';
import { planTraffic, trafficSettings } from '../../simulator/plan/index.ts';
import type { PlannedRequest } from '../../simulator/plan/request.ts';
import { runTraffic, type Traffic } from '../runs/run-traffic.ts';

/** The traffic of one event. */
export function probeTraffic(mark: string, seed: number): Omit<Traffic, 'plan'> & { plan: PlannedRequest[] } {
  const settings = trafficSettings.parse({
    ...{ mark, seed, rate: '5/s', visitors: 5, bots: 0, faulty: 0 },
    // As long as it takes until the first one comes.
    duration: '1h',
  });
  const [first] = planTraffic(settings);
  return { mark, seed, settings, plan: [first!], speed: 'max' };
}

/** Sends one more event when all is over, and says what became of it at each hop. */
export function probe(
  stack: Stack,
  mark: string,
  seed: number,
  folder: string,
  signal: AbortSignal,
): Promise<Result> {
  return runTraffic({
    stack,
    traffic: probeTraffic(mark, seed),
    folder: join(folder, 'probe'),
    command: 'probe',
    reproduce: '',
    stopSending: signal,
    signal,
  });
}
