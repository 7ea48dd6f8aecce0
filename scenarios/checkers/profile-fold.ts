import type { FlatMessage, FlatValue } from '../../pipeline/contracts/messages.ts';

/** What of an event counts for its visitor's profile under the default rules. */
export interface ProfileEvent {
  readonly id: string;
  /** Unix time, ms. */
  readonly time: number;
  readonly session: string | null;
  readonly isPageView: boolean;
  readonly campaign: string | null;
  readonly referrer: string | null;
  readonly user: string | null;
}

/** The value with the least or greatest (time, id) so far. */
interface Choice {
  time: number;
  id: string;
  value: string | undefined;
}

/** A visitor's profile under the default rules, folded by code of the checker's own. Feed it each event once, in any order. */
export class ProfileFold {
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  #events = 0;
  #pageViews = 0;
  readonly #sessions = new Set<string>();
  readonly #userIds = new Set<string>();
  readonly #firstCampaign = choice(Number.POSITIVE_INFINITY);
  readonly #lastCampaign = choice(Number.NEGATIVE_INFINITY);
  readonly #firstReferrer = choice(Number.POSITIVE_INFINITY);
  readonly #lastReferrer = choice(Number.NEGATIVE_INFINITY);

  add(event: ProfileEvent): void {
    this.#first = Math.min(this.#first, event.time);
    this.#last = Math.max(this.#last, event.time);
    this.#events += 1;
    if (event.isPageView) this.#pageViews += 1;
    if (event.session !== null) this.#sessions.add(event.session);
    if (event.user !== null) this.#userIds.add(event.user);
    choose(this.#firstCampaign, this.#lastCampaign, event, event.campaign);
    choose(this.#firstReferrer, this.#lastReferrer, event, event.referrer);
  }

  /** The values that are compared, those that do not depend on the order of the events; undefined: must not be there. */
  values(): Record<string, FlatValue | undefined> {
    return {
      'profile-first_seen': instant(this.#first),
      'profile-last_seen': instant(this.#last),
      'profile-visits': this.#sessions.size || undefined,
      'profile-events': this.#events,
      'profile-page_views': this.#pageViews || undefined,
      'profile-first_campaign': this.#firstCampaign.value,
      'profile-last_campaign': this.#lastCampaign.value,
      'profile-first_referrer': this.#firstReferrer.value,
      'profile-last_referrer': this.#lastReferrer.value,
      'profile-user_ids': this.#userIds.size > 0 ? [...this.#userIds].sort() : undefined,
    };
  }
}

/** Reads an event out of its flattened fields. */
export function profileEvent(flat: FlatMessage): ProfileEvent {
  const text = (name: string) => (flat[name] === undefined ? null : String(flat[name]));
  // An event happened when its derived timestamp says, but never after it was collected.
  const collected = Date.parse(text('event-collector_tstamp') ?? '');
  const derived = Date.parse(text('event-derived_tstamp') ?? '');
  const foreign =
    flat['event-refr_urlhost'] !== undefined && flat['event-refr_urlhost'] !== flat['event-page_urlhost'];
  return {
    id: String(flat['event-event_id']),
    time: Number.isNaN(derived) ? collected : Math.min(derived, collected),
    session: text('event-domain_sessionid'),
    isPageView: flat['event-event'] === 'page_view' && flat['event-page_url'] !== undefined,
    campaign: text('event-mkt_campaign'),
    referrer: foreign ? text('event-page_referrer') : null,
    user: text('event-user_id'),
  };
}

const choice = (time: number): Choice => ({ time, id: '', value: undefined });

function choose(first: Choice, last: Choice, { time, id }: ProfileEvent, value: string | null): void {
  if (value === null) return;
  if (time < first.time || (time === first.time && id < first.id)) Object.assign(first, { time, id, value });
  if (time > last.time || (time === last.time && id > last.id)) Object.assign(last, { time, id, value });
}

function instant(time: number): string | undefined {
  return Number.isFinite(time) ? new Date(time).toISOString().replace('.000Z', 'Z') : undefined;
}
