import type { Scenario } from '../suite/scenario.ts';

/** Where each stage dies, one after the other: after the claim, and on both sides of everything that becomes durable. */
export default {
  title:
    'Each stage dies at every step of its protocol while traffic flows: every event arrives exactly once.',
  faults: [
    [
      { dieAt: ['parser.claim:after', 'parser.commit:before@2', 'parser.commit:after@2'] },
      { dieAt: ['flattener.claim:after', 'flattener.commit:before@2', 'flattener.commit:after@2'] },
      {
        dieAt: [
          'persister.claim:after',
          'persister.store-claim:after',
          'persister.read:after@2',
          'persister.commit:before@2',
          // The outputs are there, the profile does not know of them yet.
          'persister.commit:after@2',
          'persister.apply:before@2',
          'persister.apply:after@2',
        ],
      },
      {
        dieAt: [
          'clickhouse-sink.claim:after',
          // The rows are there, the offset does not know of them yet.
          'clickhouse-sink.commit-offset:before@2',
          'clickhouse-sink.commit-offset:after@2',
        ],
      },
      {
        dieAt: [
          'elasticsearch-sink.claim:after',
          'elasticsearch-sink.commit-offset:before@2',
          'elasticsearch-sink.commit-offset:after@2',
        ],
        on: 'containers',
      },
    ],
  ],
  expect: { outcome: 'exact' },
  short: ['embedded'],
} satisfies Scenario;
