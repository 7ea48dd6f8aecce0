import { type Damaged, invalidUtf8, type Material, malformed, oversized } from '../faults/malformed.ts';
import { noise } from '../faults/noise.ts';
import { Journey } from '../journeys/journey.ts';
import { type Rendered, Tab } from '../journeys/rendering.ts';
import type { Expectation, TrafficKind } from '../ledger/records.ts';
import { DEVICE_PROFILES } from '../population/devices.ts';
import { Choice } from '../random/choice.ts';
import { Ids } from '../random/ids.ts';
import { Random, rootOf } from '../random/random.ts';
import { land } from '../site/landings.ts';
import { trackerHeaders } from '../tracker/headers.ts';
import { type Draft, expecting, type Stage, single } from './actors.ts';
import { type Crowd, canQueue, draftOf } from './visits.ts';

type FaultKind = Extract<
  TrafficKind,
  'retry' | 'offline' | 'malformed' | 'oversized' | 'invalid_utf8' | 'noise'
>;

/** Shares of the kinds among the faulty requests. */
export const FAULT_SHARES: Readonly<Record<FaultKind, number>> = {
  retry: 0.36,
  malformed: 0.24,
  noise: 0.2,
  invalid_utf8: 0.1,
  offline: 0.09,
  oversized: 0.01,
};

/** Events in one faulty request in the mean: an offline queue holds a whole visit, noise none. */
export const EVENTS_PER_FAULT = 2.05;

const kinds = new Choice(Object.keys(FAULT_SHARES) as FaultKind[], (kind) => FAULT_SHARES[kind]);

/** A tracker that saw no answer tries again after a while, ms at full scale. */
const RETRY_AFTER = 5_000;
/** How long a device was offline: ten minutes and more, six hours in the mean beyond. */
const OFFLINE_LEAST = 600_000;
const OFFLINE_MEAN = 6 * 3_600_000;
const MOST_QUEUED = 40;
const DRAWS = 30;

/** As many for each good request as makes them this share of the whole. All of them is out of reach: 95% is the most. */
export function faultsPerRequest(share: number): number {
  return share / Math.max(0.05, 1 - share);
}

/** Adds to the visitors' requests what goes wrong, in known shares. */
export class Faults {
  readonly #crowd: Crowd;
  readonly #perRequest: number;
  readonly #random: Random;
  readonly #ids: Ids;
  #damaged = 0;
  #queues = 0;

  /** `share` of all requests are faulty. */
  constructor(crowd: Crowd, share: number) {
    this.#crowd = crowd;
    this.#perRequest = faultsPerRequest(share);
    this.#random = new Random(rootOf(crowd.seed, 'faults'));
    this.#ids = Ids.of(crowd.seed, crowd.mark, 'faults');
  }

  /** After a visitor's request: perhaps something goes wrong. */
  after(stage: Stage, at: number, rendered: Rendered, request: number): void {
    let due = this.#perRequest;
    while (due >= 1 || this.#random.chance(due)) {
      this.#add(stage, at, rendered, request);
      due -= 1;
      if (due <= 0) break;
    }
  }

  #add(stage: Stage, at: number, rendered: Rendered, request: number): void {
    const random = this.#random;
    const kind = kinds.draw(random);
    switch (kind) {
      case 'retry': {
        const later = at + (0.2 + random.exponential(1)) * RETRY_AFTER * this.#crowd.scale;
        const sentAt = rendered.sentAt + Math.round(later - at);
        const again = { ...rendered, sentAt };
        stage.enter(single(later, () => ({ ...draftOf(again, 'retry'), repeats: request })));
        return;
      }
      case 'offline': {
        const draft = this.#queue(at);
        if (draft !== null) stage.send(draft);
        return;
      }
      case 'noise':
        stage.send({
          ...noise(random),
          ...expecting('noise', 'ignored'),
          browser: null,
          body: null,
          events: 0,
        });
        return;
      case 'malformed': {
        const damaged = malformed(random, this.#material(at));
        stage.send(this.#draft(damaged, kind, damaged.partly ? 'processed' : 'failed'));
        return;
      }
      case 'invalid_utf8':
        stage.send(this.#draft(invalidUtf8(random, this.#material(at)), kind, 'processed'));
        return;
      case 'oversized':
        stage.send(this.#draft(oversized(random, this.#material(at)), kind, 'refused'));
    }
  }

  #material(at: number): Material {
    const { world, mark, appId } = this.#crowd;
    const number = this.#damaged++;
    let made = 0;
    return {
      mark,
      appId,
      origin: world.origin,
      at: Math.round(world.startAt + at),
      id: () => this.#ids.uuid(number, made++),
    };
  }

  #draft(damaged: Damaged, kind: TrafficKind, expect: Expectation): Draft {
    const { origin } = this.#crowd.world;
    const { method, target, body, events } = damaged;
    const { engine, userAgent } = DEVICE_PROFILES[0]!;
    const headers = trackerHeaders(
      { engine, userAgent, acceptLanguage: 'de-DE,de;q=0.9', forwardedFor: '203.0.113.250' },
      { method, page: `${origin}/`, origin, cookie: null, anonymous: false },
    );
    return { ...expecting(kind, expect), browser: null, method, target, headers, body, events };
  }

  /** A whole visit of hours ago that its tracker could not send, in one request now. */
  #queue(at: number): Draft | null {
    const random = this.#random;
    const { population, visitors, memory, world, site, journeys, scale } = this.#crowd;
    const startsAt = Math.round(at - OFFLINE_LEAST - random.exponential(OFFLINE_MEAN));
    for (let draw = 0; draw < DRAWS; draw++) {
      const browser = population.browserOf(random.below(visitors), random);
      const then = world.startAt + startsAt + browser.clockSkew;
      if (!canQueue(browser) || memory.seenAfter(browser.number, then)) continue;
      // Journeys of visitors online count from 0.
      const number = -1 - this.#queues++;
      const landing = land(random, site, false);
      const journey = new Journey({
        number,
        root: journeys,
        browser,
        site,
        origin: world.origin,
        landing,
        startsAt,
        scale: Math.min(scale, 1),
      });
      return this.#flush(new Tab(world, browser, number), journey, at);
    }
    return null;
  }

  #flush(tab: Tab, journey: Journey, at: number): Draft {
    const events: string[] = [];
    let last: Rendered | undefined;
    for (
      let batch = journey.upcoming;
      batch !== null && events.length < MOST_QUEUED;
      batch = journey.upcoming
    ) {
      last = tab.render(batch);
      events.push(...last.events);
      journey.advance();
    }
    const sentAt = Math.round(this.#crowd.world.startAt + at) + journey.browser.clockSkew;
    return draftOf({ ...last!, events, sentAt }, 'offline');
  }
}
