import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'Of two processes a stage one stands still until the other has its partitions, and goes on with what it had in hand: it is fenced, and every event arrives exactly once.',
  traffic: { rate: '100/s' },
  stack: { workers: 2 },
  faults: [
    { stop: 'parser', down: '12s' },
    { stop: 'flattener', down: '12s' },
    { stop: 'persister', down: '12s' },
    { stop: 'clickhouse-sink', down: '12s' },
    { stop: 'elasticsearch-sink', down: '12s', on: 'containers' },
  ],
  expect: { outcome: 'exact' },
} satisfies Scenario;
