import { Random, type Root, rootOf } from './random.ts';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex32(word: number): string {
  return HEX[word >>> 24]! + HEX[(word >>> 16) & 255]! + HEX[(word >>> 8) & 255]! + HEX[word & 255]!;
}

/**
 * Ids as the tracker makes them (UUID, version 4), but derived: the same run, name and numbers give the same id,
 * so that none needs to be remembered.
 */
export class Ids {
  readonly #root: Root;

  constructor(root: Root) {
    this.#root = root;
  }

  static of(...names: (string | number)[]): Ids {
    return new Ids(rootOf(...names));
  }

  uuid(key: number, subkey = 0): string {
    const random = new Random(this.#root, key, subkey);
    const a = random.uint32();
    const b = (random.uint32() & 0xffff0fff) | 0x00004000;
    const c = (random.uint32() & 0x3fffffff) | 0x80000000;
    const d = random.uint32();
    const middle = hex32(b);
    const end = hex32(c);
    return `${hex32(a)}-${middle.slice(0, 4)}-${middle.slice(4)}-${end.slice(0, 4)}-${end.slice(4)}${hex32(d)}`;
  }
}
