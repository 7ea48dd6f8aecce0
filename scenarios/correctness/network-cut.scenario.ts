import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'The ways to Kafka, Redis, ClickHouse and Elasticsearch are cut one after the other, then those of single roles: every event arrives exactly once.',
  stack: { network: true },
  traffic: { rate: '100/s' },
  faults: [
    { network: 'cut', between: 'redis' },
    { network: 'cut', between: 'clickhouse' },
    { network: 'cut', between: 'elasticsearch' },
    { network: 'cut', between: 'kafka' },
    [
      { network: 'cut', between: 'shipper and kafka' },
      { network: 'cut', between: 'persister and redis', after: '2s' },
      { network: 'cut', between: 'flattener and kafka', after: '3s' },
    ],
  ],
  expect: { outcome: 'exact' },
  limit: '10m',
} satisfies Scenario;
