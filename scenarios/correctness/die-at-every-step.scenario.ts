import type { Scenario } from '../suite/scenario.ts';

/**
 * Where each stage dies, one after the other: after the claim, and on both sides of everything that becomes durable. After it, when that is
 * so for the first time: then nothing else has become durable meanwhile, as what other partitions have in hand.
 */
export default {
  title:
    'Each stage dies at every step of its protocol while traffic flows: every event arrives exactly once.',
  faults: [
    [
      { dieAt: ['shipper.claim:after', 'shipper.commit:before@2', 'shipper.commit:after@2'] },
      { dieAt: ['parser.claim:after', 'parser.commit:before@2', 'parser.commit:after'] },
      { dieAt: ['flattener.claim:after', 'flattener.commit:before@2', 'flattener.commit:after'] },
      {
        dieAt: [
          'persister.claim:after',
          'persister.store-claim:after',
          'persister.read:after@2',
          'persister.commit:before@2',
          // The outputs are there, the profile does not know of them yet.
          'persister.commit:after',
          'persister.apply:before@2',
          'persister.apply:after',
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
  limit: '10m',
} satisfies Scenario;
