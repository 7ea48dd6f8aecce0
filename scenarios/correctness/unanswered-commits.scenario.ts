import type { Scenario } from '../suite/scenario.ts';

export default {
  title:
    'Requests come through and their answers do not, again and again, so that nobody learns what came of a commit: every event arrives exactly once.',
  stack: { network: true },
  faults: [
    { network: 'unanswered', between: 'kafka', down: '15s' },
    { network: 'unanswered', between: 'redis', down: '8s' },
    { network: 'unanswered', between: 'clickhouse', down: '8s' },
    { network: 'unanswered', between: 'elasticsearch', down: '8s' },
  ],
  expect: { outcome: 'exact' },
  limit: '10m',
} satisfies Scenario;
