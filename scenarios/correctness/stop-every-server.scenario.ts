import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'Kafka, Redis, Elasticsearch and ClickHouse stand still for a while and go on: every event arrives exactly once.',
  stack: { only: 'containers' },
  traffic: { rate: '100/s' },
  faults: [
    { stop: 'redis', down: '4s' },
    { stop: 'clickhouse', down: '4s' },
    { stop: 'elasticsearch', down: '4s' },
    // Past every session and time-out of its clients.
    { stop: 'kafka', down: '12s' },
  ],
  expect: { outcome: 'exact' },
  limit: '10m',
} satisfies Scenario;
