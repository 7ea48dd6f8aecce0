import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'ClickHouse refuses rows because its merges do not keep up, and then lets each insert wait: every event arrives exactly once.',
  faults: [{ clickhouse: 'refuses' }, { clickhouse: 'is slow', down: '8s' }],
  expect: { outcome: 'exact' },
} satisfies Scenario;
