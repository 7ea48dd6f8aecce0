import type { FlatMessage, FlatValue } from '../contracts/messages.ts';
import { type Merge, mergeFor } from './merges.ts';
import type { ProfileRule } from './rules.ts';

/** An event as the fold sees it. */
export interface ProfileEvent {
  /** When it happened: Unix time, ms. See `eventTime`. */
  readonly time: number;
  /** Its id as the tracker sent it: with the time it orders events, so that no order of arrival does. */
  readonly id: string;
  readonly fields: FlatMessage;
}

/** What is known of a visitor: plain JSON, never changed in place. */
export interface ProfileState {
  /** The latest event time. Expiry is decided by it. */
  now: number;
  /** State of the rules that outlive a visit, by place among them; null: no value yet. */
  rules: (RuleState | null)[];
  /** The latest visits, the current one first. */
  visits: Visit[];
}

/** What the merge keeps, and the latest time it was fed (only where that decides its expiry). */
type RuleState = [kept: unknown, fed?: number];

/** A visit is what the tracker calls a session: one `domain_sessionid`. Events without one belong to no visit. */
interface Visit {
  id: string;
  /** The tracker's count of sessions (`domain_sessionidx`), 0 where it has none. */
  index: number;
  /** The latest event time. */
  last: number;
  rules: (RuleState | null)[];
}

/** A visit that is over for this long no longer gives values; trackers end a session after the same time. */
export const VISIT_ENDS_AFTER_MS = 30 * 60_000;

/**
 * Visits are ordered by the tracker's count, then by time, and the latest are kept, so that events of two visits may come in
 * any order; only where more than these interleave in event time, without a count to tell them apart, does order matter.
 */
const VISITS_KEPT = 3;

/** What is looked at whatever the rules are: the visit and the times. */
const OWN_FIELDS = [
  'event-domain_sessionid',
  'event-domain_sessionidx',
  'event-collector_tstamp',
  'event-derived_tstamp',
];

/** Rules, ready to fold. */
export class ProfileFold {
  readonly #lasting: readonly CompiledRule[];
  readonly #ofVisit: readonly CompiledRule[];

  constructor(rules: readonly ProfileRule[]) {
    const compiled = rules.map(compile);
    this.#lasting = compiled.filter(({ rule }) => rule.expiry !== 'visit');
    this.#ofVisit = compiled.filter(({ rule }) => rule.expiry === 'visit');
  }

  /** Names of the values that it looks at. */
  get reads(): string[] {
    const rules = [...this.#lasting, ...this.#ofVisit].map(({ rule }) => rule);
    const named = rules.flatMap(({ field, when }) => [field, when?.field, when?.differsFrom]);
    return [...OWN_FIELDS, ...named.filter((name) => name !== undefined)];
  }

  /** Names of the values that it shows. */
  get writes(): string[] {
    return [...this.#lasting, ...this.#ofVisit].flatMap(({ key }) => [key, overflowOf(key)]);
  }

  /** State with one more event. Pure. */
  add(state: ProfileState | null, event: ProfileEvent): ProfileState {
    return {
      now: Math.max(state?.now ?? event.time, event.time),
      rules: addAll(this.#lasting, state?.rules, event),
      visits: this.#ofVisit.length === 0 ? [] : this.#addToVisit(state?.visits ?? [], event),
    };
  }

  /** The values that the profile shows, by `profile-<name>`. */
  values(state: ProfileState): FlatMessage {
    const shown: FlatMessage = {};
    show(this.#lasting, state.rules, state.now, shown);
    const visit = state.visits[0];
    if (visit && state.now - visit.last <= VISIT_ENDS_AFTER_MS)
      show(this.#ofVisit, visit.rules, state.now, shown);
    return shown;
  }

  #addToVisit(visits: Visit[], event: ProfileEvent): Visit[] {
    const session = event.fields['event-domain_sessionid'];
    if (typeof session !== 'string' || session === '') return visits;
    const id = session.slice(0, 64);
    const count = event.fields['event-domain_sessionidx'];
    const index = typeof count === 'number' && Number.isSafeInteger(count) ? count : 0;
    const known = visits.find((visit) => visit.id === id);
    const visit: Visit = {
      id,
      index: Math.max(index, known?.index ?? index),
      last: Math.max(event.time, known?.last ?? event.time),
      rules: addAll(this.#ofVisit, known?.rules, event),
    };
    return [visit, ...visits.filter((other) => other !== known)].sort(latestFirst).slice(0, VISITS_KEPT);
  }
}

function latestFirst(a: Visit, b: Visit): number {
  return b.index - a.index || b.last - a.last || (a.id < b.id ? 1 : -1);
}

interface CompiledRule {
  readonly rule: ProfileRule;
  readonly merge: Merge;
  readonly key: string;
  readonly expiresAfter: number | undefined;
}

function compile(rule: ProfileRule): CompiledRule {
  return {
    rule,
    merge: mergeFor(rule),
    key: `profile-${rule.name}`,
    expiresAfter: typeof rule.expiry === 'number' ? rule.expiry : undefined,
  };
}

function addAll(
  rules: readonly CompiledRule[],
  states: readonly (RuleState | null)[] | undefined,
  event: ProfileEvent,
): (RuleState | null)[] {
  return rules.map((compiled, i) => {
    const state = states?.[i] ?? null;
    const value = fieldOf(compiled.rule, event);
    return value === undefined ? state : feed(compiled, state, value, event);
  });
}

function feed(
  { merge, expiresAfter }: CompiledRule,
  state: RuleState | null,
  value: FlatValue,
  event: ProfileEvent,
) {
  if (expiresAfter === undefined) return ruleState(merge.add(state?.[0], value, event.time, event.id));
  const fed = state?.[1] ?? event.time;
  if (event.time < fed - expiresAfter) return state; // had expired before the value that is kept began
  const alive = event.time <= fed + expiresAfter ? state?.[0] : undefined;
  return ruleState(merge.add(alive, value, event.time, event.id), Math.max(fed, event.time));
}

/** A merge that took nothing from the value (a list of nulls) has no state. */
function ruleState(kept: unknown, fed?: number): RuleState | null {
  if (kept === undefined) return null;
  return fed === undefined ? [kept] : [kept, fed];
}

function show(
  rules: readonly CompiledRule[],
  states: (RuleState | null)[],
  now: number,
  shown: FlatMessage,
): void {
  for (let i = 0; i < rules.length; i++) {
    const { merge, key, expiresAfter } = rules[i]!;
    const state = states[i];
    if (!state || (expiresAfter !== undefined && now - state[1]! > expiresAfter)) continue;
    shown[key] = merge.show(state[0]);
    const overflow = merge.overflow?.(state[0]) ?? 0;
    if (overflow > 0) shown[overflowOf(key)] = overflow;
  }
}

const overflowOf = (key: string): string => `${key}_overflow`;

function fieldOf(rule: ProfileRule, { fields, time }: ProfileEvent): FlatValue | undefined {
  const { when } = rule;
  if (when) {
    const seen = fields[when.field];
    if (seen === undefined) return undefined;
    if (when.equals !== undefined && seen !== when.equals) return undefined;
    if (when.not !== undefined && seen === when.not) return undefined;
    if (when.differsFrom !== undefined && seen === fields[when.differsFrom]) return undefined;
  }
  return rule.field === 'time' ? instant(time) : (fields[rule.field] ?? undefined);
}

/** As the event's own timestamps are written: no fraction where there is none. */
function instant(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}

/**
 * When an event happened: `derived_tstamp`, but never after it was collected, for a visitor's wrong clock would expire
 * everything; else `collector_tstamp`, else the record's timestamp.
 */
export function eventTime(fields: FlatMessage, recordTimestamp: number): number {
  const read = Math.abs(recordTimestamp) <= LAST_DATE ? recordTimestamp : 0;
  const collected = parseTime(fields['event-collector_tstamp']) ?? read;
  return Math.min(parseTime(fields['event-derived_tstamp']) ?? collected, collected);
}

/** The largest time a Date can hold, ms. */
const LAST_DATE = 8.64e15;

function parseTime(value: FlatValue | undefined): number | undefined {
  if (typeof value !== 'string') return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : time;
}
