import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'Filebeat is killed before it knows that Kafka has taken its lines: it sends these again, and from tracking_persisted on they are counted once.',
  stack: { collector: 'nginx', shipper: 'filebeat' },
  // A second of it fits into a socket's buffer.
  traffic: { rate: '60/s', lean: true },
  faults: [{ kill: 'filebeat' }, { unheard: 'filebeat' }, { unheard: 'filebeat' }],
  expect: { outcome: 'at least once', at: 'tracking_raw' },
  limit: '10m',
} satisfies Scenario;
