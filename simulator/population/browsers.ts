import { Choice } from '../random/choice.ts';
import { Random, type Root, rootOf } from '../random/random.ts';
import { JSON_BODY, QUERY } from '../tracker/encoding.ts';
import type { BrowserHeaders } from '../tracker/headers.ts';
import type { TrackerSetup } from '../tracker/payload.ts';
import { DEVICE_PROFILES, type DeviceProfile } from './devices.ts';
import { PLACES, type Place } from './places.ts';

/** How far the tracker may know its visitor. */
export type Privacy =
  /** Cookies, visitor and session ids. */
  | 'full'
  /** Tracks anonymously and asks the collector to do so too (`SP-Anonymous`). */
  | 'anonymous'
  /** Tracks anonymously in the browser only: no `duid`, but the collector's cookie. */
  | 'client_anonymous'
  /** The browser keeps no cookies: every page begins anew. */
  | 'no_cookies';

/** One browser of one visitor: everything about it that does not change. */
export interface Browser {
  readonly number: number;
  readonly visitor: number;
  readonly place: Place;
  readonly device: DeviceProfile;
  readonly headers: BrowserHeaders;
  readonly setup: TrackerSetup;
  readonly privacy: Privacy;
  readonly viewport: readonly [width: number, height: number];
  readonly pixelRatio: number;
  readonly memory: number | undefined;
  readonly cores: number;
  /** Ms by which its clock is wrong. */
  readonly clockSkew: number;
  /** Logs in now and then; the same on all of the visitor's browsers. */
  readonly account: string | null;
}

/** At most so many browsers belong to one visitor. */
export const BROWSERS_PER_VISITOR = 3;

const devices = new Choice(DEVICE_PROFILES, (device) => device.weight);
const mobiles = new Choice(
  DEVICE_PROFILES.filter((device) => device.form !== 'desktop'),
  (device) => device.weight,
);
const places = new Choice(PLACES, (place) => place.weight);
const PRIVACY = new Choice<readonly [Privacy, number]>(
  [
    ['full', 88],
    ['anonymous', 5],
    ['client_anonymous', 4],
    ['no_cookies', 3],
  ],
  ([, weight]) => weight,
);

export interface PopulationSettings {
  readonly seed: number;
  readonly visitors: number;
  readonly mark: string;
  readonly appId: string;
  /** Share of browsers whose clock is wrong by minutes to hours. */
  readonly skewedClocks: number;
  /** Their trackers send by GET, and no contexts. */
  readonly lean?: boolean;
  /** Given names that accounts are made of. */
  readonly names: readonly string[];
}

/**
 * The visitors and their browsers. Nobody is stored: each is made from the seed and its number when it comes, so that a
 * million visitors need no memory.
 */
export class Population {
  readonly #settings: PopulationSettings;
  readonly #visitors: Root;
  readonly #browsers: Root;

  constructor(settings: PopulationSettings) {
    this.#settings = settings;
    this.#visitors = rootOf(settings.seed, 'visitors');
    this.#browsers = rootOf(settings.seed, 'browsers');
  }

  get browsers(): number {
    return this.#settings.visitors * BROWSERS_PER_VISITOR;
  }

  /** Where a visitor lives, without making the rest. */
  placeOf(visitor: number): Place {
    return places.draw(new Random(this.#visitors, visitor));
  }

  /** One of the visitor's one to three browsers, the first most often. */
  browserOf(visitor: number, random: Random): Browser {
    const traits = new Random(this.#visitors, visitor, 1);
    const owned = traits.chance(0.5) ? 1 : traits.chance(0.7) ? 2 : 3;
    const which = random.chance(0.6) ? 0 : random.below(owned);
    return this.browser(visitor * BROWSERS_PER_VISITOR + which);
  }

  browser(number: number): Browser {
    const visitor = Math.floor(number / BROWSERS_PER_VISITOR);
    const place = this.placeOf(visitor);
    const random = new Random(this.#browsers, number);
    // A second browser of somebody is mostly a phone.
    const device = (number % BROWSERS_PER_VISITOR === 1 ? mobiles : devices).draw(random);
    const [width, height, bars] = random.pick(device.screens);
    const [privacy] = PRIVACY.draw(random);
    const { lean = false } = this.#settings;
    const get = random.chance(0.35) || lean;
    const base64 = random.chance(0.6);
    const pixelRatio = random.pick(device.pixelRatios);
    const memory = device.memory === undefined ? undefined : random.pick(device.memory);
    const cores = random.pick(device.cores);
    const skewed = random.chance(this.#settings.skewedClocks);
    const skew = (random.chance(0.5) ? 1 : -1) * random.between(5, 720) * 60_000;
    const forwardedFor = this.#address(random, place);
    return {
      number,
      visitor,
      place,
      device,
      privacy,
      viewport: [width, height - bars],
      pixelRatio,
      memory,
      cores,
      clockSkew: skewed ? skew : 0,
      account: this.#account(visitor),
      headers: {
        engine: device.engine,
        userAgent: device.userAgent,
        acceptLanguage: place.acceptLanguage,
        hints: device.hints && {
          brands: device.hints.brands.map(({ brand, version }) => `"${brand}";v="${version}"`).join(', '),
          mobile: device.form === 'mobile',
          platform: device.hints.platform,
        },
        forwardedFor,
      },
      setup: {
        encoding: get ? QUERY : JSON_BODY,
        base64,
        withoutContexts: lean,
        namespace: this.#settings.mark,
        appId: this.#settings.appId,
        cookiesEnabled: privacy !== 'no_cookies',
        language: place.language,
        resolution: `${width}x${height}`,
        colorDepth: device.colorDepth,
        timeZone: place.timeZone,
      },
    };
  }

  #address(random: Random, place: Place): string {
    const [prefix, first] = place.ipv4;
    if (random.chance(0.55)) return `${prefix}.${first + random.below(16)}`;
    const group = () => random.below(0x10000).toString(16);
    return `2001:db8:${place.ipv6}:${group()}::${random.between(1, 0xffff).toString(16)}`;
  }

  #account(visitor: number): string | null {
    const traits = new Random(this.#visitors, visitor, 2);
    if (!traits.chance(0.3)) return null;
    return `${traits.pick(this.#settings.names)}.${visitor}`;
  }
}
