import type { Header } from '../plan/request.ts';
import type { Browser } from '../population/browsers.ts';
import type { DeviceProfile } from '../population/devices.ts';
import type { BrowserMemory, Recall } from '../population/memory.ts';
import type { Ids } from '../random/ids.ts';
import { Random, type Root } from '../random/random.ts';
import {
  browserContext,
  clientHints,
  navigationTiming,
  type SelfDescribing,
  webPage,
} from '../tracker/contexts.ts';
import { trackerCookies } from '../tracker/cookies.ts';
import { getTarget, POST_PATH, postBody } from '../tracker/encoding.ts';
import { trackerHeaders } from '../tracker/headers.ts';
import { EncodedPage, EncodedTracker, encodeEvent, type Moment } from '../tracker/payload.ts';
import type { Batch, OpenPage } from './journey.ts';

/** What all journeys of a run have in common. */
export interface World {
  readonly memory: BrowserMemory;
  readonly ids: { readonly event: Ids; readonly page: Ids; readonly tab: Ids; readonly stranger: Ids };
  readonly timings: Root;
  /** Unix time, ms, of the run's begin. */
  readonly startAt: number;
  readonly origin: string;
  /** End of the names of the tracker's cookies. */
  readonly cookieSuffix: string;
  /** Numbers the run's events; each id is derived from its number. */
  nextEvent(): number;
}

/** A request but for its place in the plan. */
export interface Rendered {
  readonly browser: string | null;
  readonly method: 'GET' | 'POST';
  readonly headers: readonly Header[];
  /** The events as the tracker writes them, without the time of sending. */
  readonly events: readonly string[];
  readonly sentAt: number;
}

export function targetOf(rendered: Rendered): string {
  return rendered.method === 'GET' ? getTarget(rendered.events[0]!, rendered.sentAt) : POST_PATH;
}

export function bodyOf(rendered: Rendered): string | null {
  return rendered.method === 'GET' ? null : postBody(rendered.events, rendered.sentAt);
}

/** The time after which a page has loaded and its timing is complete, ms. */
const LOADED = 400;

/** Writes one journey's requests: the tracker in one tab of one browser. */
export class Tab {
  readonly #world: World;
  readonly #browser: Browser;
  readonly #journey: number;
  readonly #tracker: EncodedTracker;
  readonly #tabId: string | null;
  #open: OpenPage | null = null;
  #page: EncodedPage | null = null;
  #late: (() => string) | null = null;
  #recall: Recall | null = null;
  /** Of the page's requests, with a place for the cookie. */
  #headers: readonly Header[] = [];
  #cookiePlace = -1;

  constructor(world: World, browser: Browser, journey: number) {
    this.#world = world;
    this.#browser = browser;
    this.#journey = journey;
    this.#tracker = new EncodedTracker(browser.setup);
    const knows = browser.privacy === 'full' || browser.privacy === 'no_cookies';
    this.#tabId = knows ? world.ids.tab.uuid(journey) : null;
  }

  /** The state moves on, but nobody sees the request: it is before the run's begin. */
  skip(batch: Batch): void {
    for (const { at } of batch.events) {
      const event = this.#world.nextEvent();
      if (this.#browser.privacy === 'full')
        this.#world.memory.track(this.#browser.number, event, this.#clock(at));
    }
  }

  render(batch: Batch): Rendered {
    const browser = this.#browser;
    const { memory, cookieSuffix } = this.#world;
    const sentAt = this.#clock(batch.at);
    const page = this.#see(batch);
    const events: string[] = [];
    for (const { at, event } of batch.events) {
      if (this.#late !== null && at - batch.open.openedAt > LOADED) {
        page.replaceEntities(this.#late());
        this.#late = null;
      }
      events.push(encodeEvent(this.#tracker, page, event, this.#moment(batch, this.#clock(at))));
    }
    const { method } = browser.setup.encoding;
    const headers = [...this.#headers];
    if (this.#recall !== null) {
      const cookie = trackerCookies(cookieSuffix, memory.cookie(browser.number, this.#recall));
      headers[this.#cookiePlace] = ['Cookie', cookie];
    }
    const anonymous = browser.privacy === 'anonymous';
    const jar = anonymous || browser.privacy === 'no_cookies' ? null : memory.jar(browser.number);
    return { browser: jar, method, headers, events, sentAt };
  }

  /** The device's clock, which may be wrong. */
  #clock(at: number): number {
    return Math.round(this.#world.startAt + at) + this.#browser.clockSkew;
  }

  #moment(batch: Batch, at: number): Moment {
    const { memory, ids } = this.#world;
    const browser = this.#browser;
    const event = this.#world.nextEvent();
    const eventId = ids.event.uuid(event);
    if (browser.privacy === 'full') {
      memory.track(browser.number, event, at);
      this.#recall = memory.recall(browser.number, this.#recall);
      const { domainUserId, session } = this.#recall;
      return { eventId, at, domainUserId, userId: batch.userId, session, first: session.eventIndex === 1 };
    }
    if (browser.privacy === 'no_cookies') {
      // The tracker starts anew on every page, and every event seems to be its session's first.
      const key = this.#journey;
      const page = 4 * batch.open.number;
      const session = {
        id: ids.stranger.uuid(key, page),
        index: 1,
        eventIndex: 1,
        previousId: null,
        firstEventId: eventId,
        firstEventTimestamp: new Date(at).toISOString(),
      };
      const domainUserId = ids.stranger.uuid(key, page + 1);
      return { eventId, at, domainUserId, userId: batch.userId, session, first: true };
    }
    return { eventId, at, domainUserId: null, userId: null, session: null, first: true };
  }

  /** The page of the batch; a new one is encoded when the visitor has gone on. */
  #see(batch: Batch): EncodedPage {
    if (this.#page !== null && this.#open === batch.open) return this.#page;
    const { open } = batch;
    const { viewport } = this.#browser;
    const dimensions = {
      viewport: `${viewport[0]}x${viewport[1]}`,
      documentSize: `${viewport[0]}x${open.documentHeight}`,
    };
    this.#page = this.#encodePage(open, dimensions);
    this.#open = open;
    this.#headers = trackerHeaders(this.#browser.headers, {
      method: this.#browser.setup.encoding.method,
      page: open.url,
      origin: this.#world.origin,
      cookie: this.#browser.privacy === 'full' ? '' : null,
      anonymous: this.#browser.privacy === 'anonymous',
    });
    this.#cookiePlace = this.#headers.findIndex(([name]) => name === 'Cookie');
    return this.#page;
  }

  #encodePage(open: OpenPage, dimensions: { viewport: string; documentSize: string }): EncodedPage {
    const { device, setup } = this.#browser;
    const { page, url, referrer } = open;
    const view = { url, title: page.title, referrer, ...dimensions };
    if (setup.withoutContexts) return new EncodedPage(this.#tracker, view, '');
    const common =
      `${JSON.stringify(webPage(this.#world.ids.page.uuid(this.#journey, open.number)))},` +
      JSON.stringify(this.#browserContext(dimensions));
    const timing = navigation(new Random(this.#world.timings, this.#journey, open.number));
    const hints = hintsOf(device);
    const early = `${common},${JSON.stringify(navigationTiming(timing.early))}${hints.early}`;
    this.#late = () => `${common},${JSON.stringify(navigationTiming(timing.late))}${hints.late}`;
    return new EncodedPage(this.#tracker, view, early);
  }

  #browserContext(dimensions: { viewport: string; documentSize: string }): SelfDescribing {
    const { setup, pixelRatio, memory, cores } = this.#browser;
    return browserContext({
      ...dimensions,
      resolution: setup.resolution,
      colorDepth: setup.colorDepth,
      devicePixelRatio: pixelRatio,
      cookiesEnabled: setup.cookiesEnabled,
      online: true,
      browserLanguage: setup.language,
      documentLanguage: 'de',
      webdriver: false,
      deviceMemory: memory,
      hardwareConcurrency: cores,
      tabId: this.#tabId,
    });
  }
}

/** The client hints of each device, as JSON that follows other entities: before and after the page has loaded. */
const hintEntities = new Map<DeviceProfile, { readonly early: string; readonly late: string }>();

function hintsOf(device: DeviceProfile): { readonly early: string; readonly late: string } {
  let entities = hintEntities.get(device);
  if (entities !== undefined) return entities;
  const { hints, form } = device;
  if (hints === undefined) {
    entities = { early: '', late: '' };
  } else {
    const low = { isMobile: form === 'mobile', brands: hints.brands };
    const { architecture, model, uaFullVersion, platformVersion } = hints.full;
    const full = { ...low, architecture, model, platform: hints.platform, uaFullVersion, platformVersion };
    entities = {
      early: `,${JSON.stringify(clientHints(low))}`,
      late: `,${JSON.stringify(clientHints(full))}`,
    };
  }
  hintEntities.set(device, entities);
  return entities;
}

/** `performance.timing` in ms with one decimal, before and after the page has loaded. */
function navigation(random: Random) {
  const tenths = (low: number, high: number) => random.between(low * 10, high * 10) / 10;
  const sum = (a: number, b: number) => Math.round((a + b) * 10) / 10;
  const fetchStart = tenths(1, 6);
  const requestStart = sum(fetchStart, tenths(1, 40));
  const responseStart = sum(requestStart, tenths(8, 180));
  const responseEnd = sum(responseStart, tenths(1, 30));
  const size = random.between(9_000, 60_000);
  const head = {
    nextHopProtocol: 'h2',
    fetchStart,
    domainLookupStart: fetchStart,
    domainLookupEnd: fetchStart,
    connectStart: fetchStart,
    connectEnd: fetchStart,
    requestStart,
    responseStart,
    responseEnd,
    transferSize: size + 300,
    encodedBodySize: size,
    decodedBodySize: size * 4,
  };
  const interactive = sum(responseEnd, tenths(20, 200));
  const contentLoaded = sum(interactive, tenths(1, 20));
  const complete = sum(contentLoaded, tenths(10, 300));
  const loaded = sum(complete, tenths(1, 9));
  return {
    early: { entryType: 'navigation', ...head, type: 'navigate' },
    late: {
      entryType: 'navigation',
      duration: loaded,
      ...head,
      domInteractive: interactive,
      domContentLoadedEventStart: interactive,
      domContentLoadedEventEnd: contentLoaded,
      domComplete: complete,
      loadEventStart: complete,
      loadEventEnd: loaded,
      type: 'navigate',
    },
  };
}
