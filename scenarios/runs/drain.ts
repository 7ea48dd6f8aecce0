import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack, StackProgress } from '../../containers/stack.ts';

const LOOK_EVERY_MS = 200;

export interface DrainResult {
  /** False where something is left and does not move on. */
  readonly drained: boolean;
  /** What did not move on, for people. */
  readonly behind: string;
}

interface DrainOptions {
  readonly timeoutMs: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
  readonly onLook?: (progress: StackProgress) => void;
}

/** A part of the way, and what is still in front of it. */
interface Step {
  readonly name: string;
  /** What is left, to be measured against itself only; 0 when the step is done. */
  left(): Promise<number>;
}

/**
 * Waits until everything that was sent has come through: the log is shipped, then each reader in the order of the data has come to where its
 * topic ended when those before it were done. What others send meanwhile is not waited for. A slow pipeline may take as long as it likes;
 * one that has not moved for `timeoutMs` is given up.
 */
export async function drain(stack: Stack, { timeoutMs, signal, onLook }: DrainOptions): Promise<DrainResult> {
  for await (const { name, left } of steps(stack)) {
    let before = Number.POSITIVE_INFINITY;
    let until = performance.now() + timeoutMs;
    for (;;) {
      const now = await left();
      if (now === 0) break;
      if (now < before) until = performance.now() + timeoutMs;
      before = now;
      if (signal?.aborted || performance.now() > until)
        return { drained: false, behind: `${name} by ${now}` };
      onLook?.(await stack.progress());
      await sleep(LOOK_EVERY_MS);
    }
  }
  onLook?.(await stack.progress());
  return { drained: true, behind: '' };
}

async function* steps(stack: Stack): AsyncGenerator<Step> {
  yield {
    name: 'the shipper, in bytes,',
    left: async () => (await stack.progress()).unshippedBytes,
  };
  for (const reading of stack.readings) {
    const ends = await stack.ends(reading.topic);
    yield { name: `${reading.group}, in records,`, left: () => stack.lag(reading, ends) };
  }
}
