import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'A stage is killed together with Kafka, and finds no Kafka when it starts again: it waits, and every event arrives exactly once.',
  stack: { only: 'containers' },
  faults: [
    [
      { kill: 'kafka', down: '8s' },
      { kill: 'parser', down: '1s' },
    ],
    [
      { kill: 'kafka', down: '8s' },
      { kill: 'elasticsearch-sink', down: '1s' },
    ],
  ],
  expect: { outcome: 'exact' },
} satisfies Scenario;
