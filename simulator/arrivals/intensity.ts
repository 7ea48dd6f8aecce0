import { activity, PLACES } from '../population/places.ts';
import type { Random } from '../random/random.ts';

/** How many places the course of a run is noted at. */
const STEPS = 1024;
/** A burst of visits, as a newsletter sets off: how much it adds at its begin, and which share of the run it lasts. */
const BURST_HEIGHT = 1.2;
const BURST_LENGTH = 0.05;

/**
 * How many visits begin, relative to the run's mean: the sum over the places of what their people do at this hour of
 * their own day, with a burst on top that dies away. Its mean over the run is 1, so that the wanted rate is kept
 * whatever the hour.
 */
export class Intensity {
  readonly #begin: number;
  readonly #step: number;
  readonly #total = new Float64Array(STEPS);
  readonly #burst = new Float64Array(STEPS);
  readonly max: number;

  /** From `begin` (ms, before 0 while the run warms up) to `end`. */
  constructor(options: { startAt: number; begin: number; end: number; random: Random }) {
    const { startAt, begin, end, random } = options;
    this.#begin = begin;
    this.#step = (end - begin) / STEPS;
    const burstAt = end * (0.2 + 0.6 * random.float());
    const burstLength = end * BURST_LENGTH;
    const weights = PLACES.reduce((sum, place) => sum + place.weight, 0);
    const days = new Float64Array(STEPS);
    let sum = 0;
    let counted = 0;
    for (let i = 0; i < STEPS; i++) {
      const at = this.#begin + (i + 0.5) * this.#step;
      for (const place of PLACES) {
        days[i]! += (place.weight / weights) * activity(startAt + at, place.utcOffset);
      }
      if (at >= 0) {
        sum += days[i]!;
        counted += 1;
      }
    }
    const mean = sum / counted;
    for (let i = 0; i < STEPS; i++) {
      const since = this.#begin + (i + 0.5) * this.#step - burstAt;
      this.#burst[i] = since < 0 ? 0 : BURST_HEIGHT * Math.exp(-since / burstLength);
      // What the burst brings is taken from the rest of the run.
      this.#total[i] = (days[i]! / mean) * (1 - BURST_HEIGHT * BURST_LENGTH) + this.#burst[i]!;
    }
    this.max = this.#total.reduce((most, value) => Math.max(most, value), 0);
  }

  at(time: number): number {
    return this.#total[this.#place(time)]!;
  }

  /** The share of the visits that begin at this time which the burst has brought. */
  burstShare(time: number): number {
    const place = this.#place(time);
    return this.#burst[place]! / this.#total[place]!;
  }

  #place(time: number): number {
    return Math.min(STEPS - 1, Math.max(0, Math.floor((time - this.#begin) / this.#step)));
  }
}

/** The next arrival of a non-homogeneous Poisson process of `rate` a ms in the mean (Lewis and Shedler's thinning). */
export function nextArrival(random: Random, after: number, rate: number, intensity: Intensity): number {
  if (rate <= 0) return Number.POSITIVE_INFINITY;
  let at = after;
  do at += random.exponential(1 / (rate * intensity.max));
  while (random.float() * intensity.max >= intensity.at(at));
  return at;
}
