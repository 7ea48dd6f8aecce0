import type { PlannedRequest } from '../plan/request.ts';
import { Deque } from './deque.ts';

/** A request on its way through the transport. Times are those of the steady clock, ms. */
export interface Job {
  readonly plan: PlannedRequest;
  /** When it should be sent. */
  due: number;
  /** When nothing but the generator itself held it back any longer. */
  ready: number;
  /** When it was sent. */
  sent: number;
  /** How often the transport has sent it once more by itself. */
  readonly resends: number;
}

/**
 * What is due and waits. A browser sends one request at a time, as the tracker's queue does: its next one becomes ready when
 * the one before is done. Requests of no browser do not wait for each other.
 */
export class Lanes {
  readonly #ready = new Deque<Job>();
  /** Browsers with a request ready or under way, and what waits behind it. */
  readonly #busy = new Map<string, Deque<Job>>();
  #waiting = 0;

  /** How many requests are ready, and how many wait behind another. */
  get size(): number {
    return this.#ready.size + this.#waiting;
  }

  add(job: Job): void {
    const { browser } = job.plan;
    const lane = browser === null ? undefined : this.#busy.get(browser);
    if (lane !== undefined) {
      lane.push(job);
      this.#waiting++;
      return;
    }
    if (browser !== null) this.#busy.set(browser, new Deque());
    this.#ready.push(job);
  }

  /** Puts a job back whose browser is still held by it. */
  again(job: Job): void {
    this.#ready.push(job);
  }

  /** The next request that may go out. */
  next(): Job | undefined {
    return this.#ready.shift();
  }

  /** Forgets all that has not been sent; how many there were. */
  clear(): number {
    const { size } = this;
    while (this.#ready.shift() !== undefined);
    this.#busy.clear();
    this.#waiting = 0;
    return size;
  }

  /** A request is done: its browser may send the next. */
  done(job: Job, now: number): void {
    const { browser } = job.plan;
    if (browser === null) return;
    const next = this.#busy.get(browser)?.shift();
    if (next === undefined) {
      this.#busy.delete(browser);
      return;
    }
    this.#waiting--;
    next.ready = Math.max(next.ready, now);
    this.#ready.push(next);
  }
}
