import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Fault } from './scenario.ts';
import { shrink } from './shrink.ts';

const step = (n: number): Fault => ({ kill: `role-${n}` });

it('keeps just what a failure needs', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }).chain((length) =>
        fc.record({
          length: fc.constant(length),
          needed: fc.uniqueArray(fc.nat(length - 1), { minLength: 1, maxLength: 3 }),
        }),
      ),
      async ({ length, needed }) => {
        const plan = Array.from({ length }, (_, n) => step(n));
        const wanted = needed.sort((a, b) => a - b).map(step);
        const tried: number[] = [];
        const smallest = await shrink(plan, async (some) => {
          tried.push(some.length);
          const text = JSON.stringify(some);
          return wanted.every((one) => text.includes(JSON.stringify(one)));
        });
        expect(smallest).toEqual(wanted);
        expect(tried.every((count) => count < length)).toBe(true);
      },
    ),
  );
});
