import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'Each process of the pipeline is ended as for an upgrade and started again: every event arrives exactly once.',
  faults: [
    { restart: 'shipper' },
    { restart: 'parser' },
    { restart: 'flattener' },
    { restart: 'persister' },
    { restart: 'clickhouse-sink' },
    { restart: 'elasticsearch-sink', on: 'containers' },
    { restart: 'clickhouse' },
    { restart: 'collector' },
  ],
  expect: { outcome: 'exact' },
  limit: '10m',
} satisfies Scenario;
