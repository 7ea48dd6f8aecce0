import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'Kafka, Redis, Elasticsearch and ClickHouse are killed and started again: every event arrives exactly once.',
  // Elasticsearch's start takes most of the time, the longer the more comes meanwhile.
  traffic: { rate: '60/s' },
  stack: { only: 'containers' },
  limit: '10m',
  faults: [
    { kill: 'redis', down: '2s' },
    { kill: 'clickhouse', down: '2s' },
    { kill: 'elasticsearch', down: '2s' },
    { kill: 'kafka', down: '2s' },
  ],
  expect: { outcome: 'exact' },
  short: ['containers'],
} satisfies Scenario;
