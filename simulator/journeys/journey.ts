import type { Browser } from '../population/browsers.ts';
import { Random, type Root } from '../random/random.ts';
import type { Site } from '../site/graph.ts';
import { type Landing, withParameters } from '../site/landings.ts';
import { type Page, thanksPage } from '../site/pages.ts';
import { type CartLine, stay, type TimedEvent } from './browsing.ts';

/** A page that a visitor has open, with what is needed to write its payloads. */
export interface OpenPage {
  readonly page: Page;
  readonly url: string;
  readonly referrer: string;
  /** Counts the journey's pages from 0. */
  readonly number: number;
  /** Ms since the run began. */
  readonly openedAt: number;
  readonly documentHeight: number;
}

/** Events that a tracker sends in one request. */
export interface Batch {
  /** When it is sent: ms since the run began. */
  readonly at: number;
  readonly open: OpenPage;
  readonly events: readonly TimedEvent[];
  readonly userId: string | null;
}

export interface JourneyOptions {
  readonly number: number;
  readonly root: Root;
  readonly browser: Browser;
  readonly site: Site;
  /** `https://shop.example`. */
  readonly origin: string;
  readonly landing: Landing;
  readonly startsAt: number;
  readonly scale: number;
}

/** Nobody looks at more pages in one go. */
const MOST_PAGES = 60;
/** Events that happen so close together (ms) leave in one POST: the first still waits for its connection. */
const TOGETHER = 12;
const MOST_IN_BATCH = 5;

/** One visitor's way through the shop in one tab, page by page, as it comes to pass. */
export class Journey {
  readonly browser: Browser;
  readonly number: number;
  readonly #options: JourneyOptions;
  readonly #random: Random;
  readonly #bufferSize: number;
  #cart: CartLine[] = [];
  #orders = 0;
  #loggedIn: boolean;
  #pages = 0;
  #open: OpenPage;
  #leavesAt = 0;
  #next: Page | null = null;
  #batches: Batch[] = [];
  #position = 0;

  constructor(options: JourneyOptions) {
    this.#options = options;
    this.browser = options.browser;
    this.number = options.number;
    this.#random = new Random(options.root, options.number);
    this.#bufferSize = this.#random.chance(0.75) ? 1 : this.#random.between(2, MOST_IN_BATCH);
    this.#loggedIn = options.browser.account !== null && this.#random.chance(0.6);
    const { page, parameters, referrer } = options.landing;
    const url = withParameters(options.origin + page.path, parameters);
    this.#open = this.#look(page, url, referrer, options.startsAt);
  }

  /** What is sent next; null when the visitor has left. */
  get upcoming(): Batch | null {
    return this.#batches[this.#position] ?? null;
  }

  /** Goes on to what follows `upcoming`. */
  advance(): void {
    this.#position += 1;
    if (this.#position < this.#batches.length || this.#next === null) return;
    const url = this.#options.origin + this.#next.path;
    this.#open = this.#look(this.#next, url, this.#open.url, this.#leavesAt);
  }

  #look(page: Page, url: string, referrer: string, openedAt: number): OpenPage {
    const { browser, scale } = this.#options;
    const narrow = browser.device.form === 'mobile' ? 1.7 : 1;
    const open: OpenPage = {
      page,
      url,
      referrer,
      number: this.#pages,
      openedAt,
      documentHeight: Math.round(page.height * narrow),
    };
    this.#pages += 1;
    const done = stay({
      random: this.#random,
      page,
      openedAt,
      scale,
      documentHeight: open.documentHeight,
      viewportHeight: browser.viewport[1],
      cart: this.#cart,
      order: this.#order(),
      city: browser.place.city,
      country: browser.place.country,
      currency: browser.place.currency,
      customer: this.#loggedIn,
      next: (added) => {
        this.#next = this.#step(page, added);
        return this.#next === null ? null : this.#options.origin + this.#next.path;
      },
    });
    const events = browser.setup.withoutContexts ? pageViews(done.events) : done.events;
    const userId = this.#loggedIn ? browser.account : null;
    this.#batches = this.#pack(open, events, userId);
    this.#position = 0;
    this.#leavesAt = Math.max(done.leavesAt, this.#batches.at(-1)!.at);
    if (done.loggedIn && browser.account !== null) this.#loggedIn = true;
    if (page.kind === 'thanks') {
      this.#cart = [];
      this.#orders += 1;
    }
    if (done.added) this.#put(done.added);
    return open;
  }

  #order(): string {
    return `A${this.#options.number.toString(36).toUpperCase()}-${this.#orders}`;
  }

  #put(product: CartLine['product']): void {
    const line = this.#cart.find((other) => other.product === product);
    if (line) line.quantity += 1;
    else this.#cart.push({ product, quantity: 1 });
  }

  #step(page: Page, added: boolean): Page | null {
    if (this.#pages >= MOST_PAGES) return null;
    const step = this.#options.site.step(this.#random, page.kind, added || this.#cart.length > 0);
    if (step === 'leave') return null;
    return step === 'thanks' ? thanksPage(this.#order()) : this.#options.site.page(this.#random, step);
  }

  /** Events into requests: one each by GET, up to five by POST. A page sends what it has before it is left. */
  #pack(open: OpenPage, events: readonly TimedEvent[], userId: string | null): Batch[] {
    const random = this.#random;
    const single = this.browser.setup.encoding.method === 'GET';
    const batches: Batch[] = [];
    let earliest = Number.NEGATIVE_INFINITY;
    let waiting: TimedEvent[] = [];
    for (let i = 0; i < events.length; i++) {
      waiting.push(events[i]!);
      const following = events[i + 1];
      const close = following !== undefined && following.at - events[i]!.at < TOGETHER;
      const fits = waiting.length < this.#bufferSize || (close && waiting.length < MOST_IN_BATCH);
      if (!single && following !== undefined && fits) continue;
      const at = Math.max(earliest, events[i]!.at + 1 + 24 * random.float());
      batches.push({ at, open, events: waiting, userId });
      earliest = at + 0.1;
      waiting = [];
    }
    return batches;
  }
}

/** The page views alone, without what they tell besides. */
function pageViews(events: readonly TimedEvent[]): TimedEvent[] {
  const views = events.filter(({ event }) => event.type === 'page_view');
  return views.map(({ at }) => ({ at, event: { type: 'page_view' } }));
}
