import { stringifyJson } from '../../pipeline/contracts/json.ts';
import type { FlatMessage, FlatValue } from '../../pipeline/contracts/messages.ts';

/**
 * A 64-bit hash of an event's content that does not depend on the order of its fields: the sum of the fields' hashes.
 * It tells altered events apart from whole ones without keeping either; not meant against an adversary.
 */
export class ContentHash {
  #low = 0;
  #high = 0;

  add(name: string, value: FlatValue): void {
    const text = typeof value === 'string' ? value : `\u0001${stringifyJson(value)}`;
    let a = 0x811c9dc5;
    let b = 0x9e3779b9;
    for (let i = 0; i < name.length; i++) {
      const code = name.charCodeAt(i);
      a = Math.imul(a ^ code, 0x01000193);
      b = Math.imul(b ^ code, 0x85ebca6b);
    }
    a = Math.imul(a ^ 0x3d, 0x01000193);
    b = Math.imul(b ^ (b >>> 15), 0xc2b2ae35);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      a = Math.imul(a ^ code, 0x01000193);
      b = Math.imul(b ^ code, 0x85ebca6b);
    }
    this.#low = (this.#low + mix(a)) >>> 0;
    this.#high = (this.#high + mix(b ^ (a >>> 16))) >>> 0;
  }

  /** 16 hex digits. */
  toString(): string {
    return this.#high.toString(16).padStart(8, '0') + this.#low.toString(16).padStart(8, '0');
  }
}

function mix(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The hash of the fields that `counts` accepts. */
export function contentOf(fields: FlatMessage, counts: (name: string) => boolean): string {
  const hash = new ContentHash();
  for (const name in fields) {
    if (counts(name)) hash.add(name, fields[name]!);
  }
  return hash.toString();
}
