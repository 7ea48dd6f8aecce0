import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'The access log is emptied when all of it has been shipped, twice: every event arrives exactly once.',
  stack: { own: true },
  faults: [{ truncate: 'behind the shipper' }, { truncate: 'behind the shipper' }],
  expect: { outcome: 'exact' },
} satisfies Scenario;
