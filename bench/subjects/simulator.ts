import type { PlannedRequest } from '../../simulator/plan/index.ts';
import { planTraffic, trafficSettings } from '../../simulator/plan/index.ts';
import type { Measured } from '../benchmark.ts';
import type { Subject } from '../processes/subject.ts';

export interface SimulatorTask {
  readonly what: 'plan' | 'stringify';
  readonly events: number;
  readonly seed: number;
}

const RATE = 5_000;
/** So many requests are kept to be stringified again and again, the oversized ones left out. */
const KEPT = 2_000;
const LARGEST_BODY = 65_536;

/** The simulator without sending; and JSON.stringify of as many of the same requests. */
export function simulatorSubject(): Subject<SimulatorTask, Measured> {
  const kept: Pick<PlannedRequest, 'target' | 'headers' | 'body' | 'events'>[] = [];
  for (const { target, headers, body, events } of traffic(20_000, 99)) {
    if (body !== null && body.length > LARGEST_BODY) continue;
    if (kept.push({ target, headers, body: body === null ? null : String(body), events }) === KEPT) break;
  }
  return {
    run: ({ what, events, seed }) => {
      let count = 0;
      let written = 0;
      const began = performance.now();
      if (what === 'plan') for (const request of traffic(events, seed)) count += request.events;
      else {
        for (let i = 0; count < events; i++) {
          const request = kept[i % KEPT]!;
          written += JSON.stringify(request).length;
          count += request.events;
        }
      }
      const seconds = (performance.now() - began) / 1000;
      if (what === 'stringify' && written === 0) throw new Error('nothing was written');
      return { count, seconds };
    },
  };
}

function traffic(events: number, seed: number): Iterable<PlannedRequest> {
  return planTraffic(trafficSettings.parse({ rate: RATE, duration: (events / RATE) * 1000, seed }));
}
