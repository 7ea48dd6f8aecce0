import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'Elasticsearch answers bulk requests but refuses every document with 429, as when its disk is full: each is sent until it is taken.',
  stack: { only: 'containers' },
  faults: [{ block: 'elasticsearch' }, { block: 'elasticsearch', down: '10s' }],
  expect: { outcome: 'exact' },
} satisfies Scenario;
