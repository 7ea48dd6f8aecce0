import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'Nginx and Filebeat are ended in good order and started again: at most Filebeat repeats lines, which are counted once.',
  stack: { collector: 'nginx', shipper: 'filebeat' },
  faults: [{ restart: 'nginx' }, { restart: 'filebeat' }],
  expect: { outcome: 'at least once', at: 'tracking_raw', may: 'be unseen' },
} satisfies Scenario;
