import type { Scenario } from '../suite/scenario.ts';

/** Nginx answers before it logs. */
export default {
  title:
    'Nginx is killed three times: requests in flight may have been answered and never be logged; whatever is in the log arrives exactly once.',
  stack: { collector: 'nginx', shipper: 'filebeat' },
  traffic: { rate: '300/s' },
  faults: [
    { kill: 'nginx', down: '500ms' },
    { kill: 'nginx', down: '500ms' },
    { kill: 'nginx', down: '500ms' },
  ],
  // As many as can be under way at a time, at each kill.
  expect: { outcome: 'accounted loss', at: 'access log', atMost: 3 * 256, may: 'be unseen' },
  limit: '10m',
} satisfies Scenario;
