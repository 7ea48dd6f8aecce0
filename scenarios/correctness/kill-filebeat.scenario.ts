import type { Scenario } from '../suite/scenario.ts';

/** Kafka takes lines, and Filebeat dies before it hears of that: it hangs while Kafka, which stood still, goes on. */
const unheard = [
  { stop: 'kafka', down: '6s', after: '1s' },
  { kill: 'filebeat', hangs: '4s', after: '6s' },
] as const;

export default {
  title:
    'Filebeat is killed before it knows that Kafka has taken its lines: it sends these again, and from tracking_persisted on they are counted once.',
  stack: { collector: 'nginx', shipper: 'filebeat' },
  traffic: { rate: '300/s' },
  faults: [{ kill: 'filebeat' }, unheard, unheard],
  expect: { outcome: 'at least once', at: 'tracking_raw' },
  limit: '10m',
} satisfies Scenario;
