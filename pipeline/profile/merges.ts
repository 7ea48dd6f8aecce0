import { stringifyJson } from '../contracts/json.ts';
import type { FlatScalar, FlatValue } from '../contracts/messages.ts';
import { digest, RANKS, rank } from './digest.ts';
import type { ProfileRule } from './rules.ts';

/**
 * How values are kept. Every merge is commutative and associative: the kept state is a function of the set of
 * (time, event id, value), not of their order. State is plain JSON, undefined before the first value, and never changed in place.
 */
export interface Merge {
  /** State with one more value. */
  add(state: unknown, value: FlatValue, time: number, eventId: string): unknown;
  /** What the profile shows. */
  show(state: unknown): FlatValue;
  /** How many values were left out for want of room, about; 0 where none was. */
  overflow?(state: unknown): number;
}

export function mergeFor(rule: ProfileRule): Merge {
  switch (rule.keep) {
    case 'first':
      return extremeByTime(-1);
    case 'last':
      return extremeByTime(1);
    case 'min':
      return extreme(-1);
    case 'max':
      return extreme(1);
    case 'count':
      return { add: (state) => ((state as number | undefined) ?? 0) + 1, show: (state) => state as number };
    case 'sum':
      return sum;
    case 'set':
      return smallest(rule.limit, true);
    case 'distinct':
      return smallest(rule.limit, false);
  }
}

/** Strings in profiles are cut here, so that no visitor's value grows without bound. */
export const MAX_PROFILE_TEXT = 1_024;
/** Lists in profiles are cut here. */
const MAX_PROFILE_LIST = 32;

/** What is no scalar has no business in a flattened message; as text it does no harm. */
function bounded(value: FlatScalar): Exclude<FlatScalar, bigint> {
  if (typeof value === 'number') return value + 0; // -0 would come back from storage as 0
  if (value === null || typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value : stringifyJson(value);
  return text.length <= MAX_PROFILE_TEXT ? text : text.slice(0, MAX_PROFILE_TEXT).toWellFormed();
}

function boundedValue(value: FlatValue): FlatValue {
  return Array.isArray(value) ? value.slice(0, MAX_PROFILE_LIST).map(bounded) : (bounded(value) as FlatValue);
}

/** Ordered by time, then event id, then the value's text: the same winner whoever comes first. */
type Dated = [time: number, eventId: string, value: FlatValue];

function extremeByTime(sign: 1 | -1): Merge {
  return {
    add(state, value, time, eventId) {
      const held = state as Dated | undefined;
      if (held !== undefined) {
        const order =
          time - held[0] ||
          compareText(eventId, held[1]) ||
          compareText(stringifyJson(boundedValue(value)), stringifyJson(held[2]));
        if (order * sign <= 0) return held;
      }
      return [time, eventId, boundedValue(value)] satisfies Dated;
    },
    show: (state) => (state as Dated)[2],
  };
}

/** Numbers by size and before texts, texts by code unit; of a list, each entry. */
function extreme(sign: 1 | -1): Merge {
  return {
    add(state, value) {
      let held = state as string | number | undefined;
      for (const part of Array.isArray(value) ? value : [value]) {
        if (part === null) continue;
        const candidate = typeof part === 'number' ? part + 0 : String(bounded(part));
        if (held === undefined || compareMixed(candidate, held) * sign > 0) held = candidate;
      }
      return held;
    },
    show: (state) => state as string | number,
  };
}

/** Sums in millionths, so that no order of adding rounds differently. What is no number, or beyond 1e15, does not count. */
const sum: Merge = {
  add(state, value) {
    let millionths = BigInt((state as string | undefined) ?? 0);
    for (const part of Array.isArray(value) ? value : [value]) {
      const number = typeof part === 'string' && part.trim() === '' ? Number.NaN : Number(part ?? Number.NaN);
      if (Math.abs(number) <= 1e15) millionths += toMillionths(number);
    }
    return millionths.toString();
  },
  show: (state) => Number(BigInt(state as string)) / 1e6,
};

function toMillionths(number: number): bigint {
  const whole = Math.trunc(number);
  return BigInt(whole) * 1_000_000n + BigInt(Math.round((number - whole) * 1e6));
}

/**
 * The `limit` values whose hashes are smallest, whatever order they come in; with or without the values themselves. Full, the
 * largest hash kept says about how many there are (k minimum values).
 */
interface Smallest {
  /** Ascending ranks. */
  r: number[];
  /** The values, by place. */
  v?: (string | number | boolean)[];
  /** 1: something was left out. */
  o?: 1;
}

function smallest(limit: number, withValues: boolean): Merge {
  const distinct = (state: Smallest) =>
    state.o
      ? Math.max(limit + 1, Math.round(((limit - 1) / (state.r[limit - 1]! + 1)) * RANKS))
      : state.r.length;
  return {
    add(state, value) {
      let held = (state as Smallest | undefined) ?? { r: [], ...(withValues && { v: [] }) };
      for (const part of Array.isArray(value) ? value : [value]) {
        if (part !== null) held = insert(held, bounded(part) as string | number | boolean, limit);
      }
      return held;
    },
    show: (state) =>
      withValues ? [...(state as Smallest).v!].sort(compareMixed) : distinct(state as Smallest),
    ...(withValues && {
      overflow: (state: unknown) => distinct(state as Smallest) - (state as Smallest).r.length,
    }),
  };
}

function insert(held: Smallest, value: string | number | boolean, limit: number): Smallest {
  const ranked = rank(digest(`${typeof value}:${value}`));
  let place = held.r.length;
  while (place > 0 && held.r[place - 1]! > ranked) place--;
  if (place > 0 && held.r[place - 1] === ranked) return held;
  if (place >= limit) return held.o ? held : { ...held, o: 1 };
  const full = held.r.length === limit;
  return {
    r: held.r.toSpliced(place, 0, ranked).slice(0, limit),
    ...(held.v && { v: held.v.toSpliced(place, 0, value).slice(0, limit) }),
    ...((full || held.o) && { o: 1 as const }),
  };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Numbers before everything else, the rest as text. */
function compareMixed(
  a: string | number | boolean | bigint | null,
  b: string | number | boolean | bigint | null,
): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'number') return -1;
  if (typeof b === 'number') return 1;
  return compareText(String(a), String(b));
}
