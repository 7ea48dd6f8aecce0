import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'A million events, as fast as they are taken, while a stage, Kafka and Elasticsearch are killed: each arrives exactly once.',
  traffic: { lean: true, bots: 0, faulty: 0, rate: '1000/s', visitors: 50_000 },
  events: 1_000_000,
  alone: true,
  memory: 1_500,
  stack: { only: 'containers', own: true },
  faults: [
    { kill: 'persister', at: '25%' },
    { kill: 'kafka', at: '50%' },
    { kill: 'elasticsearch', at: '75%' },
  ],
  expect: { outcome: 'exact' },
  limit: '90m',
} satisfies Scenario;
