import { createHash } from 'node:crypto';

/** Four 32-bit words that a stream of numbers or ids grows from. */
export type Root = readonly [number, number, number, number];

/** A root of its own for every name: streams of different names have nothing in common. */
export function rootOf(...names: (string | number)[]): Root {
  const hash = createHash('sha256').update(names.join('\0')).digest();
  return [hash.readUInt32LE(0), hash.readUInt32LE(4), hash.readUInt32LE(8), hash.readUInt32LE(12)];
}

/** Rounds after which every word of the state depends on every word of the root. */
const MIXING_ROUNDS = 12;

/**
 * Small fast counting generator (sfc32, 128 bits of state): the same root gives the same numbers everywhere.
 * Each concern draws from a stream of its own, so that a change in one does not shift the others.
 *
 * @example
 * const random = new Random(rootOf(seed, 'arrivals'));
 * random.exponential(250);
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d = 1;

  /** `key` and `subkey` tell streams of one root apart, e.g. one a visitor, without hashing a name for each. */
  constructor(root: Root, key = 0, subkey = 0) {
    this.#a = root[0] ^ key;
    this.#b = root[1] ^ subkey;
    this.#c = root[2];
    this.#d = root[3];
    for (let round = 0; round < MIXING_ROUNDS; round++) this.uint32();
  }

  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** From 0 up to, not including, 1. */
  float(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number {
    return Math.floor(this.float() * limit);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.float() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** Mean 0, standard deviation 1 (Box and Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.float()));
    return radius * Math.cos(2 * Math.PI * this.float());
  }

  logNormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal());
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.float());
  }
}
