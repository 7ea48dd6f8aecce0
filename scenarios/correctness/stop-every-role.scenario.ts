import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'Each process of the pipeline stands still past its session and goes on as if nothing had been: every event arrives exactly once.',
  traffic: { rate: '100/s' },
  faults: [
    { stop: 'shipper', down: '3s' },
    { stop: 'parser' },
    { stop: 'flattener' },
    { stop: 'persister' },
    { stop: 'clickhouse-sink' },
    { stop: 'elasticsearch-sink', on: 'containers' },
    { stop: 'clickhouse', down: '3s' },
    // Requests wait for their answer ten seconds.
    { stop: 'collector', down: '3s' },
  ],
  expect: { outcome: 'exact' },
  limit: '10m',
} satisfies Scenario;
