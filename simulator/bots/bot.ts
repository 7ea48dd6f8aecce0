import type { Rendered } from '../journeys/rendering.ts';
import type { Ids } from '../random/ids.ts';
import type { Random } from '../random/random.ts';
import type { Site } from '../site/graph.ts';
import { HOME, type Page } from '../site/pages.ts';
import { browserContext, clientHints, webPage } from '../tracker/contexts.ts';
import { QUERY } from '../tracker/encoding.ts';
import { type BrowserHeaders, trackerHeaders } from '../tracker/headers.ts';
import { EncodedPage, EncodedTracker, encodeEvent, type Session } from '../tracker/payload.ts';

export type BotKind =
  /** Says what it is, keeps no cookies, wanders from page to page at a crawler's pace. */
  | 'crawler'
  /** A headless browser that reads product after product, at the beat of a clock. */
  | 'scraper';

interface BotProfile {
  readonly headers: BrowserHeaders;
  readonly viewport: string;
  readonly webdriver: boolean;
  readonly pause: number;
  /** Share of the pause that varies. */
  readonly jitter: number;
  readonly pages: readonly [fewest: number, most: number];
}

const BRANDS = [
  { brand: 'Not:A-Brand', version: '8' },
  { brand: 'Chromium', version: '156' },
];

const PROFILES: Readonly<Record<BotKind, BotProfile>> = {
  crawler: {
    headers: {
      engine: 'chromium',
      userAgent:
        'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/156.0.0.0 Safari/537.36',
      acceptLanguage: 'en-US',
      forwardedFor: '192.0.2.250',
    },
    viewport: '1024x1024',
    webdriver: false,
    pause: 4_000,
    jitter: 0.5,
    pages: [5, 40],
  },
  scraper: {
    headers: {
      engine: 'chromium',
      userAgent:
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36',
      acceptLanguage: 'en-US,en;q=0.9',
      hints: {
        brands: BRANDS.map(({ brand, version }) => `"${brand}";v="${version}"`).join(', '),
        mobile: false,
        platform: 'Linux',
      },
      forwardedFor: '198.51.100.251',
    },
    viewport: '800x600',
    webdriver: true,
    pause: 800,
    jitter: 0,
    pages: [20, 120],
  },
};

/** Events of a bot's run in the mean: one a page. */
export function meanPages(kind: BotKind): number {
  const [fewest, most] = PROFILES[kind].pages;
  return (fewest + most) / 2;
}

export interface BotOptions {
  readonly kind: BotKind;
  readonly number: number;
  readonly startsAt: number;
  readonly random: Random;
  readonly site: Site;
  readonly scale: number;
  readonly ids: Ids;
  readonly startAt: number;
  readonly origin: string;
  readonly mark: string;
  readonly appId: string;
}

const KEYS_A_PAGE = 8;

/** One run of a bot. It runs the shop's scripts, so the tracker tracks its page views, but nobody reads: no pings. */
export class Bot {
  readonly #options: BotOptions;
  readonly #profile: BotProfile;
  readonly #tracker: EncodedTracker;
  readonly #pages: number;
  #done = 0;
  #referrer = '';
  #firstEvent: { id: string; timestamp: string } | null = null;
  #at: number;

  constructor(options: BotOptions) {
    this.#options = options;
    this.#profile = PROFILES[options.kind];
    this.#pages = options.random.between(...this.#profile.pages);
    this.#at = options.startsAt;
    this.#tracker = new EncodedTracker({
      encoding: QUERY,
      base64: true,
      namespace: options.mark,
      appId: options.appId,
      cookiesEnabled: options.kind === 'scraper',
      language: 'en-US',
      resolution: this.#profile.viewport,
      colorDepth: 24,
      timeZone: options.kind === 'crawler' ? 'America/Los_Angeles' : 'UTC',
    });
  }

  /** When it asks for its next page: ms since the run began; infinite when it is done. */
  get at(): number {
    return this.#done < this.#pages ? this.#at : Number.POSITIVE_INFINITY;
  }

  skip(): void {
    this.#next();
  }

  render(): Rendered {
    const { random, ids, number, origin, startAt, kind } = this.#options;
    const at = Math.round(startAt + this.#at);
    const page = this.#page();
    const url = origin + page.path;
    const key = this.#done * KEYS_A_PAGE;
    const eventId = ids.uuid(number, key);
    if (kind === 'crawler' || this.#firstEvent === null)
      this.#firstEvent = { id: eventId, timestamp: new Date(at).toISOString() };
    // Without cookies each page is another visitor's first.
    const life = kind === 'crawler' ? key : 0;
    const domainUserId = ids.uuid(number, life + 1);
    const session: Session = {
      id: ids.uuid(number, life + 2),
      index: 1,
      eventIndex: kind === 'crawler' ? 1 : this.#done + 1,
      previousId: null,
      firstEventId: this.#firstEvent.id,
      firstEventTimestamp: this.#firstEvent.timestamp,
    };
    const documentSize = `${this.#profile.viewport.split('x')[0]}x${page.height}`;
    const open = new EncodedPage(
      this.#tracker,
      { url, title: page.title, referrer: this.#referrer, viewport: this.#profile.viewport, documentSize },
      this.#entities(ids.uuid(number, key + 3), documentSize),
    );
    const event = encodeEvent(
      this.#tracker,
      open,
      { type: 'page_view' },
      {
        eventId,
        at,
        domainUserId,
        userId: null,
        session,
        first: session.eventIndex === 1,
      },
    );
    const headers = trackerHeaders(this.#profile.headers, {
      method: 'GET',
      page: url,
      origin,
      cookie: null,
      anonymous: false,
    });
    this.#referrer = kind === 'crawler' && random.chance(0.5) ? '' : url;
    this.#next();
    const browser = kind === 'crawler' ? null : `bot-${number}`;
    return { browser, method: 'GET', headers, events: [event], sentAt: at };
  }

  #page(): Page {
    const { random, site, kind } = this.#options;
    if (this.#done === 0) return HOME;
    if (kind === 'scraper') return site.productAt(this.#options.number + this.#done);
    return site.page(random, random.pick(['category', 'product', 'product', 'post', 'imprint'] as const));
  }

  #entities(pageId: string, documentSize: string) {
    const { viewport, webdriver, headers } = this.#profile;
    const entities = [
      webPage(pageId),
      browserContext({
        viewport,
        documentSize,
        resolution: viewport,
        colorDepth: 24,
        devicePixelRatio: 1,
        cookiesEnabled: this.#options.kind === 'scraper',
        online: true,
        browserLanguage: 'en-US',
        documentLanguage: 'de',
        webdriver,
        hardwareConcurrency: 2,
        tabId: this.#options.ids.uuid(this.#options.number, KEYS_A_PAGE - 1),
      }),
    ];
    if (headers.hints) entities.push(clientHints({ isMobile: false, brands: BRANDS }));
    return entities.map((entity) => JSON.stringify(entity)).join(',');
  }

  #next(): void {
    const { random, scale } = this.#options;
    const { pause, jitter } = this.#profile;
    this.#done += 1;
    this.#at += pause * scale * (1 + jitter * (random.float() - 0.5));
  }
}
