import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack, StackProgress } from '../../containers/stack.ts';

const LOOK_EVERY_MS = 200;
/** Two looks alike could fall between two stages' batches; three do not, since lag shows what is under way. */
const STILL_LOOKS = 3;

export interface DrainResult {
  /** False where something is left and does not move on. */
  readonly drained: boolean;
  readonly last: StackProgress;
}

/**
 * Waits until everything that was sent has come through: nothing unshipped, no lag, and all counts stand still. A slow pipeline may
 * take as long as it likes; one that has not moved for `timeoutMs` is given up.
 */
export async function drain(
  stack: Stack,
  options: { timeoutMs: number; signal?: AbortSignal; onLook?: (progress: StackProgress) => void },
): Promise<DrainResult> {
  let until = performance.now() + options.timeoutMs;
  let still = 0;
  let before = '';
  for (;;) {
    const last = await stack.progress();
    options.onLook?.(last);
    const now = JSON.stringify(last);
    still = isIdle(last) && now === before ? still + 1 : 0;
    if (now !== before) until = performance.now() + options.timeoutMs;
    before = now;
    if (still >= STILL_LOOKS) return { drained: true, last };
    if ((still === 0 && performance.now() > until) || options.signal?.aborted)
      return { drained: false, last };
    await sleep(LOOK_EVERY_MS);
  }
}

function isIdle({ lag, unshippedBytes }: StackProgress): boolean {
  return unshippedBytes === 0 && Object.values(lag).every((behind) => behind === 0);
}
