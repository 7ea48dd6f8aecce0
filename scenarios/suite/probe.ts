import { join } from 'node:path';
import type { Stack } from '../../containers/stack.ts';
import type { Result } from '../../reports/result.ts';
import { planTraffic, trafficSettings } from '../../simulator/plan/index.ts';
import { runTraffic } from '../runs/run-traffic.ts';

/** Sends one more event when all is over, and says what became of it at each hop. */
export function probe(
  stack: Stack,
  mark: string,
  seed: number,
  folder: string,
  signal: AbortSignal,
): Promise<Result> {
  const settings = trafficSettings.parse({
    mark,
    seed,
    duration: '10s',
    rate: '5/s',
    visitors: 5,
    bots: 0,
    faulty: 0,
  });
  return runTraffic({
    stack,
    traffic: { mark, seed, settings, plan: first(planTraffic(settings)), speed: 'max' },
    folder: join(folder, 'probe'),
    command: 'probe',
    reproduce: '',
    stopSending: signal,
    signal,
  });
}

function* first<T>(all: Iterable<T>): Generator<T> {
  for (const one of all) {
    yield one;
    return;
  }
}
