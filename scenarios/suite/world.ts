import { setTimeout as delay } from 'node:timers/promises';
import type { ControlledStack } from '../../containers/controlled-stack.ts';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { FaultWorld } from '../faults/kinds/index.ts';

const LOOK_EVERY_MS = 100;
/** So long may nothing move while traffic is sent: longer than any session, transaction or start takes. */
const STANDS_STILL_MS = 90_000;

/** What the faults need to know of the run besides its stack. */
export interface RunFacts {
  /** How many requests were due so far. */
  requests(): number;
  /** Of these, how many have no answer yet. */
  underWay(): number;
  /** Whether one more is due, and waits until the pipeline has caught up. */
  held(): boolean;
  /** Takes the places of records that are nobody's event. */
  readonly leftOut: Set<string>;
  readonly ownMark: string;
  /** How many events are to be sent; undefined: nobody knows. */
  readonly events: number | undefined;
}

/** Troubles of whoever looks, with whom he asks: connections and time-outs, which have a code, or a cause that has one. */
function mayPass(error: unknown): boolean {
  if (error instanceof ClickproofError) return true;
  const { code, cause, name, message } = error as Error & { readonly code?: unknown };
  if (typeof code === 'string' || name === 'TimeoutError' || /timed out/i.test(message)) return true;
  return cause !== undefined && mayPass(cause);
}

/** The run of one scenario, as its faults see it. */
export class RunWorld implements FaultWorld {
  readonly stack: ControlledStack;
  readonly signal: AbortSignal;
  readonly #began = performance.now();
  readonly #facts: RunFacts;

  constructor(stack: ControlledStack, signal: AbortSignal, facts: RunFacts) {
    this.stack = stack;
    this.signal = signal;
    this.#facts = facts;
  }

  get ownMark(): string {
    return this.#facts.ownMark;
  }

  leaveOut(place: string): void {
    this.#facts.leftOut.add(place);
  }

  now(): number {
    return Math.round(performance.now() - this.#began);
  }

  requests(): number {
    return this.#facts.requests();
  }

  held(): boolean {
    return this.#facts.held();
  }

  underWay(): number {
    return this.#facts.underWay();
  }

  async sleep(ms: number): Promise<void> {
    await delay(Math.max(0, ms), undefined, { signal: this.signal }).catch(() => {});
    this.signal.throwIfAborted();
  }

  async becomes(is: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
    const until = performance.now() + withinMs;
    for (;;) {
      this.signal.throwIfAborted();
      if (await this.#isSo(is)) return true;
      if (performance.now() > until) return false;
      await this.sleep(LOOK_EVERY_MS);
    }
  }

  async comesToNothing(left: () => Promise<number>, stillMs: number): Promise<boolean> {
    let least = Number.POSITIVE_INFINITY;
    let now = least;
    const less = async () => {
      now = await left();
      return now < least;
    };
    while (await this.becomes(less, stillMs)) {
      if (now === 0) return true;
      least = now;
      await this.sleep(LOOK_EVERY_MS);
    }
    return false;
  }

  /** What cannot be seen just now, since a server is away, is not so yet. */
  async #isSo(is: () => boolean | Promise<boolean>): Promise<boolean> {
    try {
      return await is();
    } catch (error) {
      if (mayPass(error)) return false;
      throw error;
    }
  }

  async sent(share: number): Promise<void> {
    if (this.#facts.events === undefined) {
      throw new ClickproofError(
        'SCENARIO_INVALID',
        'a share of the events is asked for where nobody knows how many will be sent',
        { remedy: 'declare `events`, or say when it happens in seconds or records' },
      );
    }
    const wanted = share * this.#facts.events;
    const left = async () => Math.max(0, wanted - this.#facts.requests());
    if (await this.comesToNothing(left, STANDS_STILL_MS)) return;
    throw new ClickproofError('NOTHING_FLOWS', `for ${STANDS_STILL_MS / 1000} s no event could be sent`);
  }

  async flow(records: number): Promise<void> {
    let first: number | undefined;
    const left = async () => {
      // What was the last of it has been sent.
      if (this.#facts.requests() >= (this.#facts.events ?? Number.POSITIVE_INFINITY)) return 0;
      const written = await this.#written();
      if (written === undefined) return Number.POSITIVE_INFINITY;
      first ??= written;
      return Math.max(0, first + records - written);
    };
    if (await this.comesToNothing(left, STANDS_STILL_MS)) return;
    throw new ClickproofError(
      'NOTHING_FLOWS',
      `traffic was sent, but for ${STANDS_STILL_MS / 1000} s no record came to any topic`,
    );
  }

  /** Undefined where the event log does not answer just now. */
  async #written(): Promise<number | undefined> {
    try {
      return await this.stack.written();
    } catch {
      return undefined;
    }
  }
}
