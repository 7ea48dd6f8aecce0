import { hashOf } from './cursor.ts';

/** Numbers for names, found by their bytes: no text is made of a name that is known. */
export class NameTable {
  readonly #most: number;
  readonly #mask: number;
  /** Number plus one by slot; 0: empty. */
  readonly #slots: Int32Array;
  readonly #hashes: Int32Array;
  readonly #names: Buffer[] = [];

  /** @param most how many names it can hold */
  constructor(most: number) {
    this.#most = most;
    const size = 2 ** Math.ceil(Math.log2(2 * most + 1));
    this.#mask = size - 1;
    this.#slots = new Int32Array(size);
    this.#hashes = new Int32Array(most);
  }

  get size(): number {
    return this.#names.length;
  }

  get full(): boolean {
    return this.#names.length === this.#most;
  }

  /** Gives a name that is not in it the next number. */
  add(name: Buffer): number {
    if (this.full) throw new RangeError(`more than ${this.#most} names`);
    const hash = hashOf(name, 0, name.length);
    let slot = this.#slot(hash);
    while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
    const number = this.#names.push(Buffer.from(name)) - 1;
    this.#hashes[number] = hash;
    this.#slots[slot] = number + 1;
    return number;
  }

  /** The number of the name between `start` and `end`, whose hash is known; -1: it is not in the table. */
  find(bytes: Buffer, start: number, end: number, hash: number): number {
    for (let slot = this.#slot(hash); ; slot = (slot + 1) & this.#mask) {
      const number = this.#slots[slot]! - 1;
      if (number < 0) return -1;
      if (this.#hashes[number] === hash && equal(this.#names[number]!, bytes, start, end)) return number;
    }
  }

  #slot(hash: number): number {
    return (hash ^ (hash >>> 15)) & this.#mask;
  }
}

function equal(name: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[start + i]) return false;
  return true;
}
