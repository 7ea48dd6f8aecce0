import type { Random } from '../../simulator/random/random.ts';
import type { Part } from '../faults/own.ts';
import type { Fault, FaultPlan } from './scenario.ts';

/** What can go wrong, and whom it happens to: two faults at a time must not happen to the same. */
interface Draw {
  readonly who: readonly string[];
  /** What must be the stack's own for that: by default, these. */
  readonly needs?: readonly Part[];
  fault(random: Random): Fault;
}

const STAGES = ['parser', 'flattener', 'persister', 'clickhouse-sink', 'elasticsearch-sink'];
const SERVERS = ['clickhouse', 'kafka', 'redis', 'elasticsearch'];
const STEPS: Readonly<Record<string, readonly string[]>> = {
  parser: ['claim:after', 'commit:before', 'commit:after'],
  flattener: ['claim:after', 'commit:before', 'commit:after'],
  persister: [
    ...['claim:after', 'store-claim:after', 'read:after', 'commit:before', 'commit:after'],
    ...['apply:before', 'apply:after'],
  ],
  'clickhouse-sink': ['claim:after', 'commit-offset:before', 'commit-offset:after'],
  'elasticsearch-sink': ['claim:after', 'commit-offset:before', 'commit-offset:after'],
};
const CLAIMS = /claim/;
const TOPICS = ['tracking_raw', 'tracking_processed', 'tracking_flattened', 'tracking_persisted'] as const;
/** Requests wait for their answer ten seconds. */
const SHORT_MS = 4_000;
/** Past a consumer's session. */
const LONG_MS = 9_000;

const ms = (random: Random, low: number, high: number) => `${random.between(low, high)}ms`;

/** Faults that a stack can bear without losing anything, by their kind: one kind is as likely as another. */
function draws(own: ReadonlySet<Part>): Draw[][] {
  const all = ['collector', 'shipper', ...STAGES, ...SERVERS];
  const kinds: Draw[][] = [
    all.map((name) => ({ who: [name], fault: (random) => ({ kill: name, down: ms(random, 0, 3_000) }) })),
    all.map((name) => ({ who: [name], fault: (random) => ({ restart: name, down: ms(random, 0, 1_000) }) })),
    all.map((name) => ({
      who: [name],
      fault: (random) => ({ stop: name, down: ms(random, 500, STAGES.includes(name) ? LONG_MS : SHORT_MS) }),
    })),
    STAGES.map((stage) => ({
      who: [stage],
      fault(random) {
        const step = random.pick(STEPS[stage]!);
        const count = CLAIMS.test(step) ? 1 : random.between(1, 4);
        return { dieAt: [`${stage}.${step}@${count}`] };
      },
    })),
    [
      {
        who: ['persister', 'redis', 'kafka'],
        needs: ['profiles'],
        fault: (random) => ({
          profiles: random.pick(['set back', 'lost'] as const),
          records: random.between(100, 800),
        }),
      },
    ],
    TOPICS.map((poison) => ({ who: ['kafka'], needs: ['topics'], fault: () => ({ poison }) })),
    [{ who: ['collector', 'shipper'], fault: (random) => ({ rotate: random.between(1, 8) }) }],
    (['refuses', 'is slow'] as const).map((clickhouse) => ({
      who: ['clickhouse', 'clickhouse-sink', 'kafka'],
      needs: ['clickhouse', 'clickhouse-sink'],
      fault: () => ({ clickhouse }),
    })),
    [
      {
        who: ['elasticsearch', 'elasticsearch-sink', 'kafka'],
        needs: ['elasticsearch', 'elasticsearch-sink'],
        fault: () => ({ block: 'elasticsearch' }),
      },
    ],
  ];
  return kinds.map((same) => same.filter(({ who, needs = who }) => needs.every((part) => own.has(part))));
}

function draw(random: Random, kinds: readonly Draw[][]): Draw {
  return random.pick(random.pick(kinds.filter((same) => same.length > 0)));
}

/**
 * Draws what goes wrong: the same numbers, the same faults in the same order.
 *
 * @param own what can be made to fail
 * @param steps how many times something goes wrong; each time it can be two things at once
 */
export function randomPlan(random: Random, own: ReadonlySet<Part>, steps: number): FaultPlan {
  const all = draws(own);
  return Array.from({ length: steps }, () => {
    const first = draw(random, all);
    const after = random.between(50, 400);
    const one = { ...first.fault(random), after };
    if (random.chance(0.5)) return one;
    const others = all.map((same) => same.filter(({ who }) => !who.some((name) => first.who.includes(name))));
    return [one, { ...draw(random, others).fault(random), after: random.between(50, 400) }];
  });
}
