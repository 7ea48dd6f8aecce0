import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'The access log of Nginx is rotated ten times while Filebeat reads it: at most lines are repeated, which are counted once.',
  stack: { collector: 'nginx', shipper: 'filebeat' },
  // Filebeat looks for new files once a second; what is renamed between its look and its opening it takes for another.
  faults: [{ rotate: 10, every: '2s' }],
  expect: { outcome: 'at least once', at: 'tracking_raw', may: 'be unseen' },
} satisfies Scenario;
