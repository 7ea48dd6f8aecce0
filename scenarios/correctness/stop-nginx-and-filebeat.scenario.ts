import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'Nginx and Filebeat stand still for a while and go on: at most Filebeat repeats lines, which are counted once.',
  stack: { collector: 'nginx', shipper: 'filebeat' },
  faults: [
    // Requests wait for their answer ten seconds.
    { stop: 'nginx', down: '4s' },
    { stop: 'filebeat', down: '9s' },
  ],
  expect: { outcome: 'at least once', at: 'tracking_raw', may: 'be unseen' },
} satisfies Scenario;
