import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from '../../containers/stack.ts';

/** To ask takes a server a few milliseconds: not for every request. */
const REQUESTS_PER_LOOK = 500;
const LOOK_EVERY_MS = 250;
/** What a line takes in the access log, roughly. */
const LINE_BYTES = 1_500;

/**
 * Hands on a plan no faster than a pipeline takes it: what its slowest reader was behind at the last look, and all that was handed on
 * since, may be so much, and no more. So requests go on while a server is down and nobody can tell how far it is, and what is under way is
 * bounded whatever is killed. `onHeld` is told when a request has to wait, and when it need not any more.
 */
export async function* backPressure<T>(
  plan: Iterable<T>,
  stack: Pick<Target, 'progress'>,
  mostBehind: number,
  signal: AbortSignal,
  onHeld: (held: boolean) => void = () => {},
): AsyncGenerator<T> {
  const look = new Look(stack);
  for (const one of plan) {
    while (look.mostBehind() >= mostBehind && !signal.aborted) {
      onHeld(true);
      await look.take();
      if (look.mostBehind() >= mostBehind) await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
    }
    onHeld(false);
    if (signal.aborted) return;
    look.handedOn += 1;
    if (look.handedOn % REQUESTS_PER_LOOK === 0) void look.take();
    yield one;
  }
}

/** How far behind a pipeline was when it was last seen. */
class Look {
  handedOn = 0;
  readonly #stack: Pick<Target, 'progress'>;
  /** At the last look: what was handed on before it, and how much of that had not come through. */
  #before = 0;
  #behind = 0;
  #looking: Promise<void> | undefined;

  constructor(stack: Pick<Target, 'progress'>) {
    this.#stack = stack;
  }

  mostBehind(): number {
    return this.#behind + this.handedOn - this.#before;
  }

  /** Looks, unless somebody does already. What nobody can tell leaves it as it was. */
  take(): Promise<void> {
    this.#looking ??= this.#look()
      .catch(() => {})
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const before = this.handedOn;
    const { unshippedBytes, lag } = await this.#stack.progress();
    this.#behind = Math.ceil(Math.max(unshippedBytes / LINE_BYTES, ...Object.values(lag)));
    this.#before = before;
  }
}
