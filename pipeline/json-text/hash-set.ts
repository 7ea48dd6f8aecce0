const SIZE = 4_096;
const MOST = SIZE / 2;

/** A small set of hashes that is emptied at no cost. */
export class HashSet {
  readonly #hashes = new Int32Array(SIZE);
  readonly #rounds = new Uint32Array(SIZE);
  #round = 0;
  #count = 0;

  clear(): void {
    this.#round++;
    this.#count = 0;
    if (this.#round === 2 ** 32) {
      this.#round = 1;
      this.#rounds.fill(0);
    }
  }

  get size(): number {
    return this.#count;
  }

  /** False where it is in the set already, or the set is full. */
  add(hash: number): boolean {
    let slot = (hash ^ (hash >>> 15)) & (SIZE - 1);
    while (this.#rounds[slot] === this.#round) {
      if (this.#hashes[slot] === hash) return false;
      slot = (slot + 1) & (SIZE - 1);
    }
    if (this.#count++ >= MOST) return false;
    this.#hashes[slot] = hash;
    this.#rounds[slot] = this.#round;
    return true;
  }
}
