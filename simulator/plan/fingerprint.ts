import { createHash } from 'node:crypto';
import { planTraffic } from './plan.ts';
import type { TrafficSettings } from './settings.ts';

/** SHA-256 (hex) of all that the traffic consists of: the same for the same settings, on every machine. */
export function trafficFingerprint(settings: TrafficSettings): string {
  const hash = createHash('sha256');
  for (const planned of planTraffic(settings)) {
    const { request, due, kind, browser, method, target, headers, body, expect, events, repeats } = planned;
    const head = [request, due, kind, browser, method, target, headers, expect, events, repeats ?? null];
    hash.update(JSON.stringify(head)).update('\n');
    if (body !== null) hash.update(body);
    hash.update('\n');
  }
  return hash.digest('hex');
}
