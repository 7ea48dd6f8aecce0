import type { Ids } from '../random/ids.ts';
import { Random, type Root, rootOf } from '../random/random.ts';
import type { IdCookie } from '../tracker/cookies.ts';
import type { Session } from '../tracker/payload.ts';

/** Longest time, in days, that a returning browser has been away when the run begins. */
const MOST_DAYS_AWAY = 30;
const DAY = 86_400_000;

/** What the tracker reads from a browser's storage when it tracks an event, after it has written its own. */
export interface Recall {
  readonly domainUserId: string;
  readonly session: Session;
  /** How often the browser's cookies had been deleted. */
  readonly life: number;
}

/**
 * What the browsers keep in their cookies: a few numbers each, in columns, so that memory is bounded by the population
 * whatever the run's length. All ids are derived from these numbers.
 */
export class BrowserMemory {
  readonly #history: Root;
  readonly #ids: { readonly visitor: Ids; readonly session: Ids; readonly event: Ids };
  readonly #startAt: number;
  readonly #timeout: number;
  /** How often its cookies were deleted. */
  readonly #lives: Uint16Array;
  /** 0: not seen in this run, then its past is made up. */
  readonly #visits: Uint32Array;
  readonly #eventIndex: Uint32Array;
  readonly #firstEvent: Uint32Array;
  readonly #firstEventAt: Float64Array;
  readonly #lastEventAt: Float64Array;
  readonly #lastVisitAt: Float64Array;
  readonly #createdAt: Float64Array;

  /** `timeout`: ms without an event after which a new session begins. */
  constructor(options: {
    seed: number;
    browsers: number;
    startAt: number;
    timeout: number;
    ids: { visitor: Ids; session: Ids; event: Ids };
  }) {
    this.#history = rootOf(options.seed, 'history');
    this.#ids = options.ids;
    this.#startAt = options.startAt;
    this.#timeout = options.timeout;
    this.#lives = new Uint16Array(options.browsers);
    this.#visits = new Uint32Array(options.browsers);
    this.#eventIndex = new Uint32Array(options.browsers);
    this.#firstEvent = new Uint32Array(options.browsers);
    this.#firstEventAt = new Float64Array(options.browsers);
    this.#lastEventAt = new Float64Array(options.browsers);
    this.#lastVisitAt = new Float64Array(options.browsers);
    this.#createdAt = new Float64Array(options.browsers);
  }

  /** Names the browser's cookie jar; a new name after its cookies were deleted. */
  jar(browser: number): string {
    return `${browser}.${this.#lives[browser]}`;
  }

  /** The visitor deletes the cookies, or opens a private window. */
  forget(browser: number, at: number): void {
    this.#lives[browser]! += 1;
    this.#visits[browser] = 1;
    this.#eventIndex[browser] = 0;
    this.#createdAt[browser] = at;
    this.#lastEventAt[browser] = at;
    this.#lastVisitAt[browser] = 0;
  }

  /** Whether an event at this moment (device time) would belong to the session that the browser is in. */
  inSession(browser: number, at: number): boolean {
    return this.#visits[browser] !== 0 && at - this.#lastEventAt[browser]! < this.#timeout;
  }

  /** Whether the browser has tracked an event at this time or later. */
  seenAfter(browser: number, at: number): boolean {
    return this.#lastEventAt[browser]! >= at;
  }

  /** Tracks an event: begins a session where one is due and counts it. `event` names it, `at` is the device's time. */
  track(browser: number, event: number, at: number): void {
    if (this.#visits[browser] === 0) this.#makeUpHistory(browser, at);
    if (this.#eventIndex[browser] !== 0 && at - this.#lastEventAt[browser]! >= this.#timeout) {
      this.#visits[browser]! += 1;
      this.#eventIndex[browser] = 0;
      this.#lastVisitAt[browser] = this.#lastEventAt[browser]!;
    }
    if (this.#eventIndex[browser] === 0) {
      this.#firstEvent[browser] = event;
      this.#firstEventAt[browser] = at;
    }
    this.#eventIndex[browser]! += 1;
    this.#lastEventAt[browser] = Math.max(at, this.#lastEventAt[browser]!);
  }

  /** What the payload of the event just tracked says of its visitor. `before`, an earlier answer, saves making ids anew. */
  recall(browser: number, before: Recall | null): Recall {
    const visits = this.#visits[browser]!;
    const life = this.#lives[browser]!;
    const eventIndex = this.#eventIndex[browser]!;
    if (before !== null && before.life === life && before.session.index === visits) {
      return { ...before, session: { ...before.session, eventIndex } };
    }
    const session: Session = {
      id: this.#sessionId(browser, life, visits),
      index: visits,
      eventIndex,
      previousId: visits > 1 ? this.#sessionId(browser, life, visits - 1) : null,
      firstEventId: this.#ids.event.uuid(this.#firstEvent[browser]!),
      firstEventTimestamp: new Date(this.#firstEventAt[browser]!).toISOString(),
    };
    return { life, domainUserId: this.#ids.visitor.uuid(browser, life), session };
  }

  /** The tracker's cookie after the event that `recall` tells of. */
  cookie(browser: number, recall: Recall): IdCookie {
    const lastVisit = this.#lastVisitAt[browser]!;
    return {
      domainUserId: recall.domainUserId,
      createdAt: Math.round(this.#createdAt[browser]! / 1000),
      visits: recall.session.index,
      now: Math.round(this.#lastEventAt[browser]! / 1000),
      lastVisit: lastVisit === 0 ? undefined : Math.round(lastVisit / 1000),
      sessionId: recall.session.id,
      previousSessionId: recall.session.previousId,
      firstEventId: recall.session.firstEventId,
      firstEventAt: this.#firstEventAt[browser]!,
      eventIndex: recall.session.eventIndex,
    };
  }

  #sessionId(browser: number, life: number, visit: number): string {
    return this.#ids.session.uuid(browser, (life << 16) ^ visit);
  }

  /** Half of the browsers have been here before the run began. */
  #makeUpHistory(browser: number, at: number): void {
    const random = new Random(this.#history, browser);
    const away = (2 + random.float() * (MOST_DAYS_AWAY - 2)) * DAY;
    if (random.chance(0.5)) {
      this.#visits[browser] = 1;
      this.#createdAt[browser] = at;
      return;
    }
    const visits = 1 + Math.floor(random.exponential(4));
    this.#visits[browser] = visits + 1;
    this.#lastVisitAt[browser] = Math.round(this.#startAt - away);
    this.#createdAt[browser] = Math.round(this.#startAt - away - visits * random.exponential(5) * DAY);
  }
}
