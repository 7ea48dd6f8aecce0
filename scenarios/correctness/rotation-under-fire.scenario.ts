import type { Scenario } from '../suite/scenario.ts';

export default {
  title: 'The access log is rotated thirty times while lines are written: every event arrives exactly once.',
  faults: [{ rotate: 30 }],
  expect: { outcome: 'exact' },
} satisfies Scenario;
