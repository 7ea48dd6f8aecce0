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
  // Those that were under way at each kill.
  expect: { outcome: 'accounted loss', at: 'access log', atMost: 'what the faults met', may: 'be unseen' },
  limit: '10m',
} satisfies Scenario;
