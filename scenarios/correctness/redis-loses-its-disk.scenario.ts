import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'Redis is killed and starts with what it had long before, and then with nothing: profiles are folded again from the log, and every event arrives exactly once.',
  stack: { only: 'containers' },
  faults: [
    { profiles: 'set back', by: 'a crash' },
    { profiles: 'lost', by: 'a crash' },
  ],
  expect: { outcome: 'exact' },
} satisfies Scenario;
