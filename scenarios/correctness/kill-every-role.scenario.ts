import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'Each process of the pipeline is killed with SIGKILL and started again: every event arrives exactly once.',
  faults: [
    { kill: 'shipper' },
    { kill: 'parser' },
    { kill: 'flattener' },
    { kill: 'persister' },
    { kill: 'clickhouse-sink' },
    { kill: 'elasticsearch-sink', on: 'containers' },
    { kill: 'clickhouse' },
    { kill: 'collector' },
  ],
  expect: { outcome: 'exact' },
  short: ['embedded'],
  limit: '10m',
} satisfies Scenario;
