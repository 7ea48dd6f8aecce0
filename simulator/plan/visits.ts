import { type Intensity, nextArrival } from '../arrivals/intensity.ts';
import { Bot, type BotKind, meanPages } from '../bots/bot.ts';
import { Journey } from '../journeys/journey.ts';
import { bodyOf, type Rendered, Tab, targetOf, type World } from '../journeys/rendering.ts';
import type { TrafficKind } from '../ledger/records.ts';
import type { Browser, Population } from '../population/browsers.ts';
import type { BrowserMemory } from '../population/memory.ts';
import { activity } from '../population/places.ts';
import { Ids } from '../random/ids.ts';
import { Random, type Root, rootOf } from '../random/random.ts';
import type { Site } from '../site/graph.ts';
import { land } from '../site/landings.ts';
import { type Actor, type Draft, expecting, type Stage } from './actors.ts';

/** Events in one visit in the mean, whatever the scale of time; a test measures it. */
export const EVENTS_PER_VISIT = 15.8;
/** Pages seen in one visit in the mean; a test measures it. */
export const PAGES_PER_VISIT = 3.34;
/** Events in one request of a visitor in the mean; a test measures it. */
export const EVENTS_PER_REQUEST = 1.14;
/** How long a visit lasts in the mean when nobody hurries, ms; a test measures it. */
export const VISIT_LENGTH = 141_000;

/** Share of returning visitors who have deleted their cookies, or use a private window. */
const FORGETS = 0.02;
/** Draws for a visitor whose local hour suits before anybody will do. */
const PATIENCE = 20;

/** All that the visits of a run share. */
export interface Crowd {
  readonly world: World;
  readonly population: Population;
  readonly memory: BrowserMemory;
  readonly site: Site;
  readonly intensity: Intensity;
  readonly visitors: number;
  readonly scale: number;
  readonly journeys: Root;
  readonly mark: string;
  readonly appId: string;
  readonly seed: number;
  /** Is told of each request that a visitor has sent. */
  readonly afterwards: (stage: Stage, at: number, rendered: Rendered, request: number) => void;
}

export function draftOf(rendered: Rendered, kind: TrafficKind): Draft {
  return {
    ...expecting(kind, 'processed'),
    browser: rendered.browser,
    method: rendered.method,
    target: targetOf(rendered),
    headers: rendered.headers,
    body: bodyOf(rendered),
    events: rendered.events.length,
  };
}

/** Visitors come: `rate` visits a ms in the mean. */
export class Visitors implements Actor {
  readonly #crowd: Crowd;
  readonly #rate: number;
  readonly #random: Random;
  #journeys = 0;
  at: number;

  constructor(crowd: Crowd, rate: number, begin: number) {
    this.#crowd = crowd;
    this.#rate = rate;
    this.#random = new Random(rootOf(crowd.seed, 'arrivals'));
    this.at = nextArrival(this.#random, begin, rate, crowd.intensity);
  }

  act(stage: Stage): boolean {
    const random = this.#random;
    const { intensity, memory, population, world, site, journeys, scale } = this.#crowd;
    const browser = population.browserOf(this.#who(), random);
    const deviceTime = Math.round(world.startAt + this.at) + browser.clockSkew;
    const returns = !memory.inSession(browser.number, deviceTime);
    if (browser.privacy === 'full' && returns && random.chance(FORGETS)) {
      memory.forget(browser.number, deviceTime);
    }
    const number = this.#journeys++;
    const landing = land(random, site, random.chance(intensity.burstShare(this.at)));
    const journey = new Journey({
      number,
      root: journeys,
      browser,
      site,
      origin: world.origin,
      landing,
      startsAt: this.at,
      scale,
    });
    stage.enter(new Visit(this.#crowd, journey));
    this.at = nextArrival(random, this.at, this.#rate, intensity);
    return true;
  }

  /** Some come again and again; and people come at the hours of their own day. */
  #who(): number {
    const random = this.#random;
    const { visitors, population, world } = this.#crowd;
    let visitor = 0;
    for (let draw = 0; draw < PATIENCE; draw++) {
      visitor = Math.floor(visitors * random.float() ** 1.5);
      const awake = activity(world.startAt + this.at, population.placeOf(visitor).utcOffset);
      if (random.chance(awake)) break;
    }
    return visitor;
  }
}

/** One visitor in one tab. */
class Visit implements Actor {
  readonly #crowd: Crowd;
  readonly #journey: Journey;
  readonly #tab: Tab;
  at: number;

  constructor(crowd: Crowd, journey: Journey) {
    this.#crowd = crowd;
    this.#journey = journey;
    this.#tab = new Tab(crowd.world, journey.browser, journey.number);
    this.at = journey.upcoming!.at;
  }

  act(stage: Stage): boolean {
    const batch = this.#journey.upcoming!;
    if (stage.live) {
      const rendered = this.#tab.render(batch);
      const request = stage.send(draftOf(rendered, 'visitor'));
      this.#crowd.afterwards(stage, this.at, rendered, request);
    } else {
      this.#tab.skip(batch);
    }
    this.#journey.advance();
    const upcoming = this.#journey.upcoming;
    if (upcoming === null) return false;
    this.at = upcoming.at;
    return true;
  }
}

/** Bots of a kind come: `rate` runs a ms in the mean, at any hour. */
export class Bots implements Actor {
  readonly #crowd: Crowd;
  readonly #kind: BotKind;
  readonly #rate: number;
  readonly #random: Random;
  readonly #ids: Ids;
  #runs = 0;
  at: number;

  /** `rate`: events a ms. */
  constructor(crowd: Crowd, kind: BotKind, rate: number, begin: number) {
    this.#crowd = crowd;
    this.#kind = kind;
    this.#rate = rate / meanPages(kind);
    this.#random = new Random(rootOf(crowd.seed, 'bots', kind));
    this.#ids = Ids.of(crowd.seed, crowd.mark, kind);
    this.at = this.#rate <= 0 ? Number.POSITIVE_INFINITY : begin + this.#random.exponential(1 / this.#rate);
  }

  act(stage: Stage): boolean {
    const { world, site, scale, mark, appId, seed } = this.#crowd;
    const number = this.#runs++;
    const bot = new Bot({
      kind: this.#kind,
      number,
      startsAt: this.at,
      random: new Random(rootOf(seed, this.#kind), number),
      site,
      scale,
      ids: this.#ids,
      startAt: world.startAt,
      origin: world.origin,
      mark,
      appId,
    });
    stage.enter({
      get at() {
        return bot.at;
      },
      act(inner) {
        if (inner.live) inner.send(draftOf(bot.render(), 'bot'));
        else bot.skip();
        return bot.at !== Number.POSITIVE_INFINITY;
      },
    });
    this.at += this.#random.exponential(1 / this.#rate);
    return true;
  }
}

/** A browser that can have been offline: it keeps its events, and sends them by POST. */
export function canQueue(browser: Browser): boolean {
  return browser.privacy === 'full' && browser.setup.encoding.method === 'POST';
}
