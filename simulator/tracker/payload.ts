import { type ClientSession, encodeContexts, encodeSelfDescribing, PageEntities } from './contexts.ts';
import { type Encoding, encodePairs } from './encoding.ts';
import { eventPairs, type TrackedEvent } from './events.ts';

/** How a browser's tracker is set up; the same for all of its events. */
export interface TrackerSetup {
  readonly encoding: Encoding;
  readonly base64: boolean;
  /** It sends no contexts, its own neither. */
  readonly withoutContexts?: boolean;
  /** `tna`. */
  readonly namespace: string;
  readonly appId: string;
  readonly cookiesEnabled: boolean;
  readonly language: string;
  /** `1280x720`. */
  readonly resolution: string;
  readonly colorDepth: number;
  readonly timeZone: string;
}

/** A page as it stands in a browser's window. */
export interface PageView {
  readonly url: string;
  readonly title: string;
  /** Empty where there is none. */
  readonly referrer: string;
  readonly viewport: string;
  readonly documentSize: string;
}

/** The visitor's state when the tracker tracks an event. Null ids: the tracker is set to be anonymous. */
export interface Moment {
  readonly eventId: string;
  /** `dtm`, Unix time in ms by the device's clock. */
  readonly at: number;
  readonly domainUserId: string | null;
  readonly userId: string | null;
  readonly session: Session | null;
  /**
   * The tracker found no earlier event of this session in its storage. It then builds the payload once too early, which
   * moves the JSON parameters in front of `vp`.
   */
  readonly first: boolean;
}

export interface Session {
  readonly id: string;
  /** `vid`: counts the browser's sessions from 1. */
  readonly index: number;
  /** Counts the session's events from 1. */
  readonly eventIndex: number;
  readonly previousId: string | null;
  readonly firstEventId: string;
  /** ISO 8601, ms, Z. */
  readonly firstEventTimestamp: string;
}

const TRACKER_VERSION = 'js-4.6.8';

/** A tracker of one browser, with what never changes encoded once. */
export class EncodedTracker {
  readonly setup: TrackerSetup;
  readonly constant: string;

  constructor(setup: TrackerSetup) {
    this.setup = setup;
    this.constant = encodePairs(setup.encoding, [
      ['tv', TRACKER_VERSION],
      ['tna', setup.namespace],
      ['aid', setup.appId],
      ['p', 'web'],
      ['cookie', setup.cookiesEnabled ? '1' : '0'],
      ['cs', 'UTF-8'],
      ['lang', setup.language],
      ['res', setup.resolution],
      ['cd', String(setup.colorDepth)],
      ['tz', setup.timeZone],
    ]);
  }
}

/** A page in one browser, with what stays the same while it is open encoded once. */
export class EncodedPage {
  readonly head: string;
  readonly location: string;
  readonly dimensions: string;
  entities: PageEntities;
  readonly #tracker: EncodedTracker;

  constructor(tracker: EncodedTracker, page: PageView, entities: string) {
    const { encoding } = tracker.setup;
    const url = encoding.pair('url', page.url);
    const referrer = page.referrer === '' ? '' : encoding.pair('refr', page.referrer);
    const title = page.title === '' ? '' : encoding.glue + encoding.pair('page', page.title);
    this.head = url + title + (referrer === '' ? '' : encoding.glue + referrer);
    this.location = referrer === '' ? url : referrer + encoding.glue + url;
    this.dimensions = encodePairs(encoding, [
      ['vp', page.viewport],
      ['ds', page.documentSize],
    ]);
    this.#tracker = tracker;
    this.entities = this.#encode(entities);
  }

  /** The entities change once: when the page has loaded, timing and client hints are complete. */
  replaceEntities(entities: string): void {
    this.entities = this.#encode(entities);
  }

  #encode(entities: string): PageEntities {
    return new PageEntities(this.#tracker.setup.encoding, this.#tracker.setup.base64, entities);
  }
}

/**
 * One event as @snowplow/browser-tracker 4.6 writes it: its parameters, their order and their encoding, without `stm`,
 * which is added when it is sent.
 */
export function encodeEvent(
  tracker: EncodedTracker,
  page: EncodedPage,
  event: TrackedEvent,
  moment: Moment,
): string {
  const { encoding, base64, withoutContexts } = tracker.setup;
  const { glue } = encoding;
  const onPage = event.type === 'page_view' || event.type === 'page_ping';
  const own = encodePairs(encoding, eventPairs(event));
  let head = own;
  if (onPage) {
    head = encoding.pair('e', event.type === 'page_view' ? 'pv' : 'pp') + glue + page.head;
    if (own !== '') head += glue + own;
  }
  head += `${glue}${encoding.plain('eid', moment.eventId)}${glue}${tracker.constant}${glue}${encoding.plain('dtm', moment.at)}`;

  const unstruct =
    event.type === 'self_describing' ? glue + encodeSelfDescribing(encoding, base64, event.event) : '';
  const contexts = withoutContexts
    ? ''
    : glue + encodeContexts(encoding, base64, event.contexts ?? [], page.entities, sessionEntity(moment));
  const visitor =
    glue + page.dimensions + encodeVisitor(encoding, moment) + (onPage ? '' : glue + page.location);

  if (!moment.first) return head + visitor + unstruct + contexts;
  // A query string has the contexts last whatever came first.
  if (encoding.method === 'GET') return head + unstruct + visitor + contexts;
  return head + unstruct + contexts + visitor;
}

function encodeVisitor({ glue, plain, pair }: Encoding, { session, domainUserId, userId }: Moment): string {
  let text = '';
  if (session !== null) text += glue + plain('vid', session.index) + glue + plain('sid', session.id);
  if (domainUserId !== null) text += glue + plain('duid', domainUserId);
  if (userId !== null) text += glue + pair('uid', userId);
  return text;
}

function sessionEntity({ session, domainUserId }: Moment): ClientSession | null {
  if (session === null) return null;
  return {
    userId: domainUserId ?? '00000000-0000-0000-0000-000000000000',
    sessionId: session.id,
    eventIndex: session.eventIndex,
    sessionIndex: session.index,
    previousSessionId: session.previousId,
    storageMechanism: 'COOKIE_1',
    firstEventId: session.firstEventId,
    firstEventTimestamp: session.firstEventTimestamp,
  };
}
