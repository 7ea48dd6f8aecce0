import { createHash } from 'node:crypto';
import { planTraffic } from './plan.ts';
import type { TrafficSettings } from './settings.ts';

/** SHA-256 (hex) of all that the traffic consists of: the same for the same settings, on every machine. */
export function trafficFingerprint(settings: TrafficSettings): string {
  const hash = createHash('sha256');
  for (const { body, ...request } of planTraffic(settings)) {
    hash.update(JSON.stringify(request)).update('\n');
    if (body !== null) hash.update(body);
    hash.update('\n');
  }
  return hash.digest('hex');
}
