import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'The disk of the access log is full for a while: the collector answers 503, and of what it acknowledged every event arrives exactly once.',
  stack: { smallDisk: true },
  faults: [{ fullDisk: '2s' }, { fullDisk: '4s' }],
  expect: { outcome: 'exact' },
} satisfies Scenario;
