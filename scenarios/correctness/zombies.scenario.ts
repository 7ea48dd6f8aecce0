import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'Of two processes a stage one stands still until the other has its partitions, and goes on as if nothing had been: every event arrives exactly once.',
  traffic: { rate: '100/s' },
  stack: { workers: 2 },
  faults: [
    { stop: 'parser' },
    { stop: 'flattener' },
    { stop: 'persister' },
    { stop: 'clickhouse-sink' },
    { stop: 'elasticsearch-sink', on: 'containers' },
  ],
  expect: { outcome: 'exact' },
  limit: '10m',
} satisfies Scenario;
