import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'Somebody writes to every topic what nobody can read: it is set aside, nothing behind it is held up, and every event arrives exactly once.',
  faults: [
    { poison: 'tracking_raw' },
    { poison: 'tracking_processed' },
    { poison: 'tracking_flattened' },
    { poison: 'tracking_persisted' },
    { poison: 'tracking_failed' },
  ],
  expect: { outcome: 'exact' },
} satisfies Scenario;
