import type { TrafficSettings } from '../../simulator/plan/index.ts';
import { UsageError } from '../usage-error.ts';

/** A run is sampled every second; less than one says nothing, and was meant to have a unit. */
const SHORTEST_MS = 1_000;

/** @throws UsageError for traffic that is too short, or too little to be any */
export function requireTraffic({ duration, rate }: TrafficSettings): void {
  if (duration < SHORTEST_MS) {
    throw new UsageError(
      `--duration: ${duration} ms is too short to say anything`,
      'a bare number is milliseconds; give seconds as 10s, minutes as 5m',
    );
  }
  if ((rate * duration) / 1000 < 1) {
    throw new UsageError(
      'the rate and the duration come to less than one event',
      'give a higher --rate or a longer --duration',
    );
  }
}
