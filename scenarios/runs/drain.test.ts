import { expect, it } from 'vitest';
import type { Stack, StackProgress } from '../../containers/stack.ts';
import { drain } from './drain.ts';

/** A stack that shows these looks one after the other, then the last one for ever. */
function stackOf(looks: readonly StackProgress[]): Stack {
  let at = 0;
  return { progress: async () => looks[Math.min(at++, looks.length - 1)] } as unknown as Stack;
}

const look = (records: number, behind: number): StackProgress => ({
  records: { tracking_raw: records },
  lag: { parser: behind },
  unshippedBytes: 0,
});

it('waits for as long as anything moves, however long that takes', async () => {
  const slow = stackOf([5, 4, 3, 2, 1, 0].map((behind) => look(10, behind)));
  await expect(drain(slow, { timeoutMs: 250 })).resolves.toMatchObject({ drained: true });
});

it('gives up when nothing moves any more', async () => {
  await expect(drain(stackOf([look(10, 3)]), { timeoutMs: 250 })).resolves.toMatchObject({
    drained: false,
    last: { lag: { parser: 3 } },
  });
});
