import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'Faults of nine kinds, drawn from the seed, some of them two at a time: every event arrives exactly once.',
  random: 8,
  expect: { outcome: 'exact' },
  limit: '10m',
} satisfies Scenario;
