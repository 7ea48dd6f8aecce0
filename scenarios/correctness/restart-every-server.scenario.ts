import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'Kafka, Redis, Elasticsearch and ClickHouse are ended in good order and started again: every event arrives exactly once.',
  // Elasticsearch's start takes most of the time, the longer the more comes meanwhile.
  traffic: { rate: '60/s' },
  stack: { only: 'containers' },
  faults: [
    { restart: 'redis' },
    { restart: 'clickhouse' },
    { restart: 'elasticsearch' },
    { restart: 'kafka' },
  ],
  expect: { outcome: 'exact' },
  limit: '10m',
} satisfies Scenario;
