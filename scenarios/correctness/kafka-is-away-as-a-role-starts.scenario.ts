import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'A stage is killed while Kafka starts again, and finds no Kafka when it starts itself: it waits, and every event arrives exactly once.',
  stack: { only: 'containers' },
  faults: [
    [
      { restart: 'kafka', down: '5s' },
      { kill: 'parser', down: '1s' },
    ],
    [
      { restart: 'kafka', down: '5s' },
      { kill: 'elasticsearch-sink', down: '1s' },
    ],
  ],
  expect: { outcome: 'exact' },
} satisfies Scenario;
