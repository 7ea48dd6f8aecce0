import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'The profile store falls back to an older state of itself while it is used, and then loses everything: profiles are folded again from the log, and every event arrives exactly once.',
  faults: [{ profiles: 'set back' }, { profiles: 'lost' }],
  expect: { outcome: 'exact' },
} satisfies Scenario;
