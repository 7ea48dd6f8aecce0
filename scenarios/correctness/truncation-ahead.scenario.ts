import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'The access log is emptied when a part of it has not been shipped: that part is lost between log and tracking_raw, and nothing else.',
  // What is lost is of all kinds: requests that fail, and such as no tracker sent.
  traffic: { faulty: 0.3 },
  stack: { own: true },
  faults: [{ truncate: 'ahead of the shipper' }],
  expect: { outcome: 'accounted loss', at: 'tracking_raw', atMost: 'what the faults met' },
} satisfies Scenario;
