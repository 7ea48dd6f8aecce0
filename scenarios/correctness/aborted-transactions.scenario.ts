import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'Other producers write to the topics in transactions and abort them, each in the way of the other: nobody sees any of it.',
  stack: { only: 'containers' },
  faults: [{ abort: 'tracking_raw' }, { abort: 'tracking_processed' }, { abort: 'tracking_flattened' }],
  expect: { outcome: 'exact' },
} satisfies Scenario;
