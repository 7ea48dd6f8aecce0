import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack, StackProgress } from '../../containers/stack.ts';
import { hasCode } from '../../pipeline/contracts/errors.ts';

const LOOK_EVERY_MS = 200;
/** A process that has answered and not yet logged needs a core for some microseconds: on a busy machine it gets one much sooner. */
const LOGS_WITHIN_MS = 1_000;

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
  const look = async () => {
    const progress = onLook && (await answered(() => stack.progress()));
    if (progress) onLook(progress);
  };
  for (const { name, left } of steps(stack)) {
    let before = Number.POSITIVE_INFINITY;
    let until = performance.now() + timeoutMs;
    for (;;) {
      const now = await answered(left);
      if (now === 0) break;
      if (now !== undefined && now < before) {
        until = performance.now() + timeoutMs;
        before = now;
      }
      if (signal?.aborted || performance.now() > until)
        return { drained: false, behind: `${name} by ${now ?? 'what nobody can tell'}` };
      await look();
      await sleep(LOOK_EVERY_MS);
    }
  }
  await look();
  return { drained: true, behind: '' };
}

/** A server that has just come back may not answer yet: it is asked again. */
async function answered<T>(question: () => Promise<T>): Promise<T | undefined> {
  try {
    return await question();
  } catch (error) {
    if (hasCode(error, 'KAFKA_UNREACHABLE')) return undefined;
    throw error;
  }
}

function* steps(stack: Stack): Generator<Step> {
  if (stack.answersBeforeLogging && stack.accessLog !== undefined) {
    yield {
      name: 'the access log, in ms until it has stood still for long enough,',
      left: standingStill(stack.accessLog, LOGS_WITHIN_MS),
    };
  }
  yield {
    name: 'the shipper, in bytes,',
    left: async () => (await stack.progress()).unshippedBytes,
  };
  for (const reading of stack.readings) {
    let ends: Awaited<ReturnType<Stack['ends']>> | undefined;
    yield {
      name: `${reading.group}, in records,`,
      left: async () => {
        ends ??= await stack.ends(reading.topic);
        return stack.lag(reading, ends);
      },
    };
  }
}

/** How much longer a file has to be as large as it is, ms, until it has been that for so long. */
function standingStill(path: string, forMs: number): () => Promise<number> {
  let size: number | undefined;
  let since = performance.now();
  return async () => {
    const now = (await stat(path)).size;
    if (now !== size) since = performance.now();
    size = now;
    return Math.max(0, forMs - (performance.now() - since));
  };
}
