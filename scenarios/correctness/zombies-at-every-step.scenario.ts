import type { Scenario } from '../suite/scenario.ts';

/**
 * With something in hand each time, on both sides of what becomes durable; the first time that is most, all that came while it was down.
 * Different stages at the same time, each step by itself.
 */
export default {
  title:
    'A process of each stage stands still at a step of its protocol until another has its partitions, and goes on from there: it is fenced, and every event arrives exactly once.',
  traffic: { rate: '100/s' },
  stack: { workers: 2 },
  faults: [
    [
      { zombie: 'parser', step: 'commit:before' },
      // The heir has read the offset: nothing of its predecessor may move it any more.
      { zombie: 'flattener', step: 'commit:before', heirStep: 'committed:after' },
      // Its outputs are there, and its heir has folded them and more; of so many visitors some do not come again.
      { zombie: 'persister', step: 'apply:before', behind: 300 },
      { zombie: 'clickhouse-sink', step: 'commit-offset:before@2' },
      { zombie: 'elasticsearch-sink', step: 'commit-offset:before@2', on: 'containers' },
    ],
    [
      { zombie: 'parser', step: 'commit:before@2', heirStep: 'committed:after' },
      { zombie: 'flattener', step: 'commit:before@2' },
      { zombie: 'persister', step: 'commit:before@2', heirStep: 'store-claim:after' },
      { zombie: 'clickhouse-sink', step: 'claim:after' },
    ],
    [
      { zombie: 'parser', step: 'claim:before' },
      { zombie: 'flattener', step: 'claim:after' },
      { zombie: 'persister', step: 'apply:before@2', heirStep: 'read:after' },
    ],
    { zombie: 'persister', step: 'read:after@2' },
    { zombie: 'persister', step: 'store-claim:before' },
  ],
  expect: { outcome: 'exact' },
  limit: '10m',
} satisfies Scenario;
