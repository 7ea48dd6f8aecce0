import type { Step } from './explore.ts';
import { used } from './part.ts';

/** What a worker is in each model: `away` has no partition. */
export interface Worker {
  readonly at: string;
}

/** Two workers of one consumer group and one partition, which the group has given to one of them. */
export interface Group<W extends Worker = Worker> {
  readonly workers: readonly [W, W];
  readonly owner: 0 | 1;
  readonly left: { readonly kills: number; readonly rebalances: number; readonly lostAnswers: number };
}

export const NAMES = ['worker A', 'worker B'] as const;
export const BOTH = [0, 1] as const;

/** The group with one of its workers changed. */
export function withWorker<W extends Worker, G extends Group<W>>(
  group: G,
  i: 0 | 1,
  worker: W,
  more: Partial<G> = {},
): G {
  const [a, b] = group.workers;
  return { ...group, ...more, workers: i === 0 ? [worker, b] : [a, worker] };
}

/**
 * What happens to the workers as members: a kill, and a rebalance of which the old owner learns sooner or later. Until then it is a zombie: it works on,
 * and after an error it even claims the partition again. To get the partition back it has to join again, and then it begins anew.
 */
export function membership<W extends Worker, G extends Group<W>>(group: G, start: W, away: W): Step<G>[] {
  const steps: Step<G>[] = [];
  const { owner, left } = group;
  const kills = used(left, 'kills');
  for (const i of BOTH) {
    const { at } = group.workers[i];
    if (at === 'away') continue;
    if (owner !== i) {
      steps.push({
        what: `${NAMES[i]} learns that the partition is not its own any more`,
        next: withWorker(group, i, away),
      });
    }
    if (kills) {
      const begin = owner === i ? start : away;
      steps.push({
        what: `${NAMES[i]} is killed${owner === i ? ' and started again' : ''}`,
        fault: true,
        next: withWorker<W, G>(group, i, begin, { left: kills } as Partial<G>),
      });
    }
  }
  const rebalances = used(left, 'rebalances');
  if (rebalances) {
    const to = owner === 0 ? 1 : 0;
    steps.push({
      what: `the group gives the partition to ${NAMES[to]}; ${NAMES[owner]} does not know yet`,
      fault: true,
      next: withWorker<W, G>(group, to, start, {
        owner: to,
        left: rebalances,
      } as Partial<G>),
    });
  }
  return steps;
}
