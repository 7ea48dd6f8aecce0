import type { Scenario } from '../suite/scenario.ts';

/** Nginx answers before it logs, and says nothing to anybody when it cannot. */
export default {
  title:
    'The disk of the access log is full for a while: Nginx goes on to answer 200, and loses what it cannot log; what is in the log arrives exactly once.',
  stack: { collector: 'nginx', smallDisk: true },
  faults: [{ fullDisk: '3s' }],
  // All that are sent while it is full, and those whose line was begun.
  expect: { outcome: 'accounted loss', at: 'access log', atMost: 'what the faults met' },
} satisfies Scenario;
