import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'Kafka is away for half a minute under Filebeat, and then hangs for longer than its client waits for an answer: Filebeat repeats lines, and loses none.',
  stack: { collector: 'nginx', shipper: 'filebeat' },
  faults: [
    { kill: 'kafka', down: '25s' },
    { stop: 'kafka', down: '35s' },
  ],
  expect: { outcome: 'at least once', at: 'tracking_raw', may: 'be unseen' },
  limit: '10m',
} satisfies Scenario;
