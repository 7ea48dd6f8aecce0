import { hash } from 'node:crypto';
import { stringifyJson } from '../../pipeline/contracts/json.ts';
import type { FlatMessage, FlatValue } from '../../pipeline/contracts/messages.ts';

/**
 * What is kept of an event's content: a hash of the whole (does it change from hop to hop?) and one of each field (does it hold
 * what was sent?). Enough to tell altered events from whole ones without keeping either; not meant against an adversary.
 */
export interface Content {
  /** 16 hex digits; does not depend on the order of the fields. */
  readonly whole: string;
  /** One 32-bit hash a field, in ascending order. */
  readonly fields: Uint32Array;
}

/** Hashes the fields that `counts` accepts, and those of `more`. */
export function contentOf(
  fields: FlatMessage,
  counts: (name: string) => boolean = () => true,
  more: FlatMessage = NO_MORE,
): Content {
  const hashes: number[] = [];
  let low = 0;
  let high = 0;
  const add = (name: string, value: FlatValue) => {
    hashField(name, value);
    low = (low + first) >>> 0;
    high = (high + second) >>> 0;
    hashes.push(first);
  };
  for (const name in fields) if (counts(name)) add(name, fields[name]!);
  for (const name in more) add(name, more[name]!);
  return { whole: hex(high) + hex(low), fields: Uint32Array.from(hashes).sort() };
}

const NO_MORE: FlatMessage = {};

/** True where every stated field is among the seen ones; both in ascending order. */
export function holds(seen: Uint32Array, stated: Uint32Array): boolean {
  let at = 0;
  for (let i = 0; i < stated.length; i++) {
    const hash = stated[i]!;
    while (at < seen.length && seen[at]! < hash) at += 1;
    if (seen[at] !== hash) return false;
  }
  return true;
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');

/** From here on the native hash is faster, whatever its call costs. */
const LONG = 1_000;

/** The halves of the hash that was made last: a pair for each of a hundred fields would be most of what is allocated. */
let first = 0;
let second = 0;

function hashField(name: string, value: FlatValue): void {
  const text = typeof value === 'string' ? value : `\u0001${stringifyJson(value)}`;
  if (text.length > LONG) {
    const digest = hash('sha1', `${name}=${text}`, 'hex');
    first = Number.parseInt(digest.slice(0, 8), 16);
    second = Number.parseInt(digest.slice(8, 16), 16);
    return;
  }
  const begun = afterName(name);
  let a = begun.a;
  let b = begun.b;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b);
  }
  first = mix(a);
  second = mix(b ^ (a >>> 16));
}

interface Begun {
  readonly a: number;
  readonly b: number;
}

/** Names are the same in every event, and as long as most values. */
const names = new Map<string, Begun>();
const MOST_NAMES = 10_000;

function afterName(name: string): Begun {
  const known = names.get(name);
  if (known !== undefined) return known;
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b);
  }
  a = Math.imul(a ^ 0x3d, 0x01000193);
  b = Math.imul(b ^ (b >>> 15), 0xc2b2ae35);
  if (names.size >= MOST_NAMES) names.clear();
  const begun = { a, b };
  names.set(name, begun);
  return begun;
}

/** The finalizer of MurmurHash3. */
function mix(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
