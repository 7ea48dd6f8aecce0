import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'In each group members are killed, ended and started again, one after the other without a pause: every event arrives exactly once.',
  traffic: { rate: '60/s' },
  stack: { workers: 2 },
  faults: [
    [{ storm: 'parser' }, { storm: 'flattener' }],
    [{ storm: 'persister' }, { storm: 'clickhouse-sink' }],
    { storm: 'elasticsearch-sink', on: 'containers' },
  ],
  expect: { outcome: 'exact' },
  limit: '10m',
} satisfies Scenario;
