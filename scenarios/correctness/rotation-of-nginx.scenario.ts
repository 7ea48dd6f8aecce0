import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'The access log of Nginx is rotated ten times while Filebeat reads it: at most lines are repeated, which are counted once.',
  stack: { collector: 'nginx', shipper: 'filebeat' },
  faults: [{ rotate: 10 }],
  expect: { outcome: 'at least once', at: 'tracking_raw', may: 'be unseen' },
} satisfies Scenario;
