import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'The wall clock of each process is set forward or back by hours while it works, and visitors have theirs wrong anyhow: every event arrives exactly once.',
  faults: [
    { clock: 'collector', jumps: '+1h' },
    { clock: 'collector', jumps: '-2h' },
    [
      { clock: 'shipper', jumps: '-3h' },
      { clock: 'parser', jumps: '+3h' },
      { clock: 'clickhouse-sink', jumps: '-1h' },
    ],
    [
      { clock: 'flattener', jumps: '-3h' },
      { clock: 'persister', jumps: '+30h' },
      { clock: 'elasticsearch-sink', jumps: '-1h', on: 'containers' },
    ],
    { clock: 'persister', jumps: '-30h' },
  ],
  expect: { outcome: 'exact' },
} satisfies Scenario;
