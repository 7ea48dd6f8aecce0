import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'Answers take a second longer, connections are narrow, or end late: every event arrives exactly once, later.',
  stack: { network: true },
  traffic: { rate: '50/s' },
  faults: [
    { network: 'slow', between: 'redis' },
    { network: 'slow', between: 'elasticsearch' },
    { network: 'slow', between: 'clickhouse' },
    { network: 'slow', between: 'kafka', down: '8s' },
    { network: 'narrow', between: 'kafka', down: '8s' },
    [
      { network: 'narrow', between: 'redis' },
      { network: 'narrow', between: 'elasticsearch' },
      { network: 'narrow', between: 'clickhouse' },
    ],
    [
      { network: 'slow close', between: 'kafka' },
      { network: 'slow close', between: 'redis' },
      { network: 'slow close', between: 'elasticsearch' },
      { network: 'slow close', between: 'clickhouse' },
    ],
  ],
  expect: { outcome: 'exact' },
  limit: '10m',
} satisfies Scenario;
