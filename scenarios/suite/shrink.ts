import type { FaultPlan } from './scenario.ts';

/**
 * Leaves out of a plan that fails whatever it fails without: halves first, then smaller parts, then single steps.
 *
 * @param fails runs a plan; a plan that comes out otherwise is not tried again
 */
export async function shrink(
  plan: FaultPlan,
  fails: (smaller: FaultPlan) => Promise<boolean>,
): Promise<FaultPlan> {
  let smallest = plan;
  for (let size = Math.ceil(plan.length / 2); size >= 1 && smallest.length > 1; size = Math.floor(size / 2)) {
    for (let from = smallest.length - size; from > -size; from -= size) {
      const begin = Math.max(0, from);
      const without = [...smallest.slice(0, begin), ...smallest.slice(begin + size)];
      if (without.length > 0 && without.length < smallest.length && (await fails(without)))
        smallest = without;
    }
  }
  return smallest;
}
