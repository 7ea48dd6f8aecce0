import type { FlatMessage, FlatValue } from '../../pipeline/contracts/messages.ts';
import type { EventView } from '../readers/event-view.ts';

/** A visitor's profile under the default rules, folded by code of the checker's own. */
interface Expected {
  first: number;
  last: number;
  readonly sessions: Set<string>;
  events: number;
  pageViews: number;
  readonly firstCampaign: Choice;
  readonly lastCampaign: Choice;
  readonly firstReferrer: Choice;
  readonly lastReferrer: Choice;
  readonly userIds: Set<string>;
  readonly seen: Set<string>;
}

/** The value with the least or greatest (time, id) so far. */
interface Choice {
  time: number;
  id: string;
  value: string | undefined;
}

export interface WrongProfile {
  readonly visitor: string;
  readonly value: string;
  readonly expected: unknown;
  readonly seen: unknown;
}

const MOST_SAMPLES = 10;

/**
 * Profiles must equal the fold of the visitor's events. The fold is made of what stands in `tracking_flattened`, each event
 * once; it is compared with the `profile-*` values on the visitor's last event in `tracking_persisted`, which are those of all
 * events before it, too. Only values whose result does not depend on the order of the events are compared.
 */
export class ProfileCheck {
  readonly #expected = new Map<string, Expected>();
  readonly #last = new Map<string, FlatMessage>();

  /** Takes an event of `tracking_flattened`. */
  add(view: EventView, flat: FlatMessage): void {
    if (view.visitor === view.key || view.visitor === flat['event-event_id']) return;
    let profile = this.#expected.get(view.visitor);
    if (profile === undefined) {
      profile = newProfile();
      this.#expected.set(view.visitor, profile);
    }
    const id = String(flat['event-event_id']);
    const once = `${id} ${flat['event-event_fingerprint']}`;
    if (profile.seen.has(once)) return;
    profile.seen.add(once);
    fold(profile, id, flat);
  }

  /** Takes an event of `tracking_persisted`. */
  see(view: EventView, flat: FlatMessage): void {
    const shown: FlatMessage = {};
    for (const name in flat) if (name.startsWith('profile-')) shown[name] = flat[name]!;
    if (Object.keys(shown).length > 0) this.#last.set(view.visitor, shown);
  }

  result(): { visitors: number; correct: number; wrong: number; samples: WrongProfile[] } {
    const samples: WrongProfile[] = [];
    let correct = 0;
    for (const [visitor, profile] of this.#expected) {
      const seen = this.#last.get(visitor) ?? {};
      const wrong = Object.entries(valuesOf(profile)).find(([name, value]) => !same(value, seen[name]));
      if (!wrong) correct += 1;
      else if (samples.length < MOST_SAMPLES) {
        samples.push({ visitor, value: wrong[0], expected: wrong[1], seen: seen[wrong[0]] });
      }
    }
    const visitors = this.#expected.size;
    return { visitors, correct, wrong: visitors - correct, samples };
  }
}

function newProfile(): Expected {
  const none = (time: number): Choice => ({ time, id: '', value: undefined });
  return {
    first: Number.POSITIVE_INFINITY,
    last: Number.NEGATIVE_INFINITY,
    sessions: new Set(),
    events: 0,
    pageViews: 0,
    firstCampaign: none(Number.POSITIVE_INFINITY),
    lastCampaign: none(Number.NEGATIVE_INFINITY),
    firstReferrer: none(Number.POSITIVE_INFINITY),
    lastReferrer: none(Number.NEGATIVE_INFINITY),
    userIds: new Set(),
    seen: new Set(),
  };
}

function fold(profile: Expected, id: string, flat: FlatMessage): void {
  const text = (name: string) => (flat[name] === undefined ? undefined : String(flat[name]));
  // An event happened when its derived timestamp says, but never after it was collected.
  const collected = Date.parse(text('event-collector_tstamp') ?? '');
  const time = Math.min(Date.parse(text('event-derived_tstamp') ?? '') || collected, collected);
  profile.first = Math.min(profile.first, time);
  profile.last = Math.max(profile.last, time);
  profile.events += 1;
  const session = text('event-domain_sessionid');
  if (session !== undefined) profile.sessions.add(session);
  if (flat['event-event'] === 'page_view' && flat['event-page_url'] !== undefined) profile.pageViews += 1;
  choose(profile.firstCampaign, profile.lastCampaign, time, id, text('event-mkt_campaign'));
  if (flat['event-refr_urlhost'] !== undefined && flat['event-refr_urlhost'] !== flat['event-page_urlhost']) {
    choose(profile.firstReferrer, profile.lastReferrer, time, id, text('event-page_referrer'));
  }
  const user = text('event-user_id');
  if (user !== undefined) profile.userIds.add(user);
}

function choose(first: Choice, last: Choice, time: number, id: string, value: string | undefined): void {
  if (value === undefined) return;
  if (time < first.time || (time === first.time && id < first.id)) Object.assign(first, { time, id, value });
  if (time > last.time || (time === last.time && id > last.id)) Object.assign(last, { time, id, value });
}

/** The profile values that are compared; undefined: must not be there. */
function valuesOf(profile: Expected): Record<string, FlatValue | undefined> {
  return {
    'profile-first_seen': instant(profile.first),
    'profile-last_seen': instant(profile.last),
    'profile-visits': profile.sessions.size || undefined,
    'profile-events': profile.events,
    'profile-page_views': profile.pageViews || undefined,
    'profile-first_campaign': profile.firstCampaign.value,
    'profile-last_campaign': profile.lastCampaign.value,
    'profile-first_referrer': profile.firstReferrer.value,
    'profile-last_referrer': profile.lastReferrer.value,
    'profile-user_ids': profile.userIds.size > 0 ? [...profile.userIds].sort() : undefined,
  };
}

const instant = (time: number): string => new Date(time).toISOString().replace('.000Z', 'Z');

function same(expected: FlatValue | undefined, seen: FlatValue | undefined): boolean {
  if (expected === undefined || seen === undefined) return expected === seen;
  return JSON.stringify(expected) === JSON.stringify(seen);
}
