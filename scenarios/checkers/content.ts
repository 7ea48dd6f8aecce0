import { hash } from 'node:crypto';
import { stringifyJson } from '../../pipeline/contracts/json.ts';
import type { FlatMessage, FlatValue } from '../../pipeline/contracts/messages.ts';

/**
 * What is kept of an event's content: a hash of the whole (does it change from hop to hop?) and one of each field (does it hold
 * what was sent?). Enough to tell altered events from whole ones without keeping either; not meant against an adversary.
 */
export class Content {
  /** 16 hex digits; does not depend on the order of the fields. */
  readonly whole: string;
  readonly #hashes: readonly number[];

  constructor(whole: string, hashes: readonly number[]) {
    this.whole = whole;
    this.#hashes = hashes;
  }

  /** One 32-bit hash a field, in ascending order: made when asked for, as most hops need only the whole. */
  get fields(): Uint32Array {
    return Uint32Array.from(this.#hashes).sort();
  }
}

/** Makes contents of the fields that `counts` accepts. One for all events: what it knows of a name it keeps. */
export class ContentHash {
  readonly #counts: (name: string) => boolean;
  /** Names are the same in every event, and as long as most values. Null: it does not count. */
  readonly #names = new Map<string, Begun | null>();

  constructor(counts: (name: string) => boolean = () => true) {
    this.#counts = counts;
  }

  /** `more`: fields that count whatever their names. */
  of(fields: FlatMessage, more: FlatMessage = NO_MORE): Content {
    const sum = { low: 0, high: 0, hashes: [] as number[] };
    // To look each field up by its name takes V8 longer than all the rest: events are of too many shapes.
    for (const [name, value] of Object.entries(fields)) {
      const begun = this.#begun(name);
      if (begun !== null) addField(sum, begun, value);
    }
    for (const [name, value] of Object.entries(more)) addField(sum, beginWith(name), value);
    return new Content(hex(sum.high) + hex(sum.low), sum.hashes);
  }

  #begun(name: string): Begun | null {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    if (this.#names.size >= MOST_NAMES) this.#names.clear();
    const begun = this.#counts(name) ? beginWith(name) : null;
    this.#names.set(name, begun);
    return begun;
  }
}

interface Sum {
  low: number;
  high: number;
  readonly hashes: number[];
}

function addField(sum: Sum, begun: Begun, value: FlatValue): void {
  hashField(begun, value);
  sum.low = (sum.low + first) >>> 0;
  sum.high = (sum.high + second) >>> 0;
  sum.hashes.push(first);
}

const NO_MORE: FlatMessage = {};
const MOST_NAMES = 10_000;

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
const units = new Uint16Array(LONG);
const scratch = Buffer.from(units.buffer);

/** The halves of the hash that was made last: a pair for each of a hundred fields would be most of what is allocated. */
let first = 0;
let second = 0;

function hashField({ name, a: begunA, b: begunB }: Begun, value: FlatValue): void {
  const text = typeof value === 'string' ? value : `\u0001${stringifyJson(value)}`;
  if (text.length > LONG) {
    // As UTF-8, halves of surrogate pairs would all be one character.
    const digest = hash('sha1', Buffer.from(`${name}=${text}`, 'utf16le'), 'hex');
    first = Number.parseInt(digest.slice(0, 8), 16);
    second = Number.parseInt(digest.slice(8, 16), 16);
    return;
  }
  // V8 keeps text in many ways, and takes three times as long to read its characters once a function has met several of them.
  const length = scratch.write(text, 'utf16le') >> 1;
  let a = begunA;
  let b = begunB;
  for (let i = 0; i < length; i++) {
    const code = units[i]!;
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b);
  }
  first = mix(a);
  second = mix(b ^ (a >>> 16));
}

/** The hash of a field, as far as its name goes. */
interface Begun {
  readonly name: string;
  readonly a: number;
  readonly b: number;
}

function beginWith(name: string): Begun {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b);
  }
  a = Math.imul(a ^ 0x3d, 0x01000193);
  b = Math.imul(b ^ (b >>> 15), 0xc2b2ae35);
  return { name, a, b };
}

/** The finalizer of MurmurHash3. */
function mix(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
