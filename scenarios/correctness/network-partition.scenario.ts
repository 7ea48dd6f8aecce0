import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'Nothing comes through between a role and a server, for longer than any session, and neither is told: every event arrives exactly once.',
  stack: { network: true },
  traffic: { rate: '100/s' },
  faults: [
    { network: 'partition', between: 'persister and redis' },
    { network: 'partition', between: 'clickhouse-sink and clickhouse' },
    { network: 'partition', between: 'elasticsearch-sink and elasticsearch' },
    // Past every session and transaction.
    [
      { network: 'partition', between: 'parser and kafka', down: '16s' },
      { network: 'partition', between: 'persister and kafka', down: '16s' },
      { network: 'partition', between: 'elasticsearch-sink and kafka', down: '16s' },
    ],
    { network: 'partition', between: 'kafka', down: '8s' },
  ],
  expect: { outcome: 'exact' },
  limit: '10m',
} satisfies Scenario;
