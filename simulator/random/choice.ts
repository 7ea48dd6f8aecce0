import type { Random } from './random.ts';

/** Draws items in proportion to their weights. */
export class Choice<T> {
  readonly #items: readonly T[];
  readonly #cumulative: Float64Array;

  constructor(items: readonly T[], weight: (item: T, place: number) => number) {
    this.#items = items;
    this.#cumulative = new Float64Array(items.length);
    let sum = 0;
    for (let i = 0; i < items.length; i++) {
      sum += weight(items[i]!, i);
      this.#cumulative[i] = sum;
    }
  }

  draw(random: Random): T {
    const last = this.#cumulative.length - 1;
    const point = random.float() * this.#cumulative[last]!;
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#cumulative[middle]! > point) high = middle;
      else low = middle + 1;
    }
    return this.#items[low]!;
  }
}

/** Popularity after Zipf: the item at place n (from 0) is drawn in proportion to 1 / (n + 1)^exponent. */
export function zipf<T>(items: readonly T[], exponent = 1): Choice<T> {
  return new Choice(items, (_item, place) => 1 / (place + 1) ** exponent);
}
