import { Intensity } from '../arrivals/intensity.ts';
import { Population } from '../population/browsers.ts';
import { BrowserMemory } from '../population/memory.ts';
import { Ids } from '../random/ids.ts';
import { Random, rootOf } from '../random/random.ts';
import { catalogue } from '../site/catalogue.ts';
import { Site } from '../site/graph.ts';
import { cookieSuffix } from '../tracker/cookies.ts';
import type { Actor, Draft, Stage } from './actors.ts';
import { Agenda } from './agenda.ts';
import { EVENTS_PER_FAULT, Faults, faultsPerRequest } from './faulty.ts';
import type { PlannedRequest } from './request.ts';
import { dwellScale, runMark, sessionTimeout, type TrafficSettings } from './settings.ts';
import {
  Bots,
  type Crowd,
  EVENTS_PER_REQUEST,
  EVENTS_PER_VISIT,
  PAGES_PER_VISIT,
  VISIT_LENGTH,
  Visitors,
} from './visits.ts';

/** Visits begin this many mean visits before the run does, so that it starts in the midst of things. */
const WARM_UP_VISITS = 2.5;
/** Of the faulty share, so much are browsers with a wrong clock; it comes on top of the faulty requests. */
const SKEWED_OF_FAULTY = 0.4;
/** Scrapers send more of the bots' events than crawlers. */
const SCRAPERS = 0.6;

/**
 * The traffic of a run, made as it is read, in order of due time. Memory depends on the number of visitors and on how
 * many are there at a time, not on the length of the run. Can be read as often as one likes: it is the same each time.
 *
 * @example
 * for (const request of planTraffic(trafficSettings.parse({ rate: '200/s', duration: '30s', seed: 7 }))) send(request);
 */
export function planTraffic(settings: TrafficSettings): Iterable<PlannedRequest> {
  return { [Symbol.iterator]: () => plan(settings) };
}

function* plan(settings: TrafficSettings): Generator<PlannedRequest, void, undefined> {
  const agenda = new Agenda<Actor>();
  const ready: Draft[] = [];
  let sent = 0;
  let now = 0;
  const stage: Stage = {
    get live() {
      return now >= 0;
    },
    send(draft) {
      ready.push(draft);
      return sent + ready.length - 1;
    },
    enter: (actor) => agenda.add(actor),
  };
  for (const actor of cast(settings)) agenda.add(actor);
  for (
    let actor = agenda.next();
    actor !== undefined && actor.at < settings.duration;
    actor = agenda.next()
  ) {
    now = actor.at;
    const more = actor.act(stage);
    if (more) agenda.add(actor);
    const due = Math.round(now * 1000) / 1000;
    for (const draft of ready) yield { request: sent++, due, ...draft };
    ready.length = 0;
  }
}

/** Everybody who is there when the curtain rises. */
function cast(settings: TrafficSettings): Actor[] {
  const {
    seed,
    startAt,
    duration,
    rate,
    bots,
    faulty,
    visitors,
    appId,
    site: origin,
    lean = false,
  } = settings;
  const mark = runMark(settings);
  const scale = dwellScale(settings);
  const begin = -WARM_UP_VISITS * VISIT_LENGTH * scale;
  const ids = (name: string) => Ids.of(seed, mark, name);
  const event = ids('event');
  const population = new Population({
    seed,
    visitors,
    mark,
    appId,
    skewedClocks: faulty * SKEWED_OF_FAULTY,
    names: catalogue().names,
    lean,
  });
  const memory = new BrowserMemory({
    seed,
    browsers: population.browsers,
    startAt,
    timeout: sessionTimeout(settings),
    ids: { visitor: ids('visitor'), session: ids('session'), event },
  });
  let events = 0;
  const world = {
    memory,
    ids: { event, page: ids('page'), tab: ids('tab'), stranger: ids('stranger') },
    timings: rootOf(seed, 'timings'),
    startAt,
    origin,
    cookieSuffix: cookieSuffix(new URL(origin).hostname),
    nextEvent: () => events++,
  };
  let faults: Faults | null = null;
  const crowd: Crowd = {
    world,
    population,
    memory,
    site: new Site(),
    intensity: new Intensity({ startAt, begin, end: duration, random: new Random(rootOf(seed, 'bursts')) }),
    visitors,
    scale,
    journeys: rootOf(seed, 'journeys'),
    mark,
    appId,
    seed,
    afterwards: (stage, at, rendered, request) => faults?.after(stage, at, rendered, request),
  };
  if (faulty > 0) faults = new Faults(crowd, faulty);
  const perMs = rate / 1000;
  // So many events more for each of a visitor's: what goes wrong is counted in requests, the rate in events.
  const more = (faultsPerRequest(faulty) * EVENTS_PER_FAULT) / (lean ? 1 : EVENTS_PER_REQUEST);
  const visits = (perMs * (1 - bots)) / (1 + more) / (lean ? PAGES_PER_VISIT : EVENTS_PER_VISIT);
  return [
    new Visitors(crowd, visits, begin),
    new Bots(crowd, 'crawler', perMs * bots * (1 - SCRAPERS), begin),
    new Bots(crowd, 'scraper', perMs * bots * SCRAPERS, begin),
  ];
}
