import { beforeAll, describe, expect, it } from 'vitest';
import { Journey } from '../journeys/journey.ts';
import { Population } from '../population/browsers.ts';
import { Random, rootOf } from '../random/random.ts';
import { Site } from '../site/graph.ts';
import { land } from '../site/landings.ts';
import { FAULT_SHARES } from './faulty.ts';
import {
  dwellScale,
  type PlannedRequest,
  planTraffic,
  runMark,
  trafficFingerprint,
  trafficSettings,
} from './index.ts';
import { EVENTS_PER_REQUEST, EVENTS_PER_VISIT, PAGES_PER_VISIT, VISIT_LENGTH } from './visits.ts';

type Parameters = Record<string, string>;

interface Seen {
  readonly request: PlannedRequest;
  readonly parameters: Parameters;
}

function eventsOf(request: PlannedRequest): Parameters[] {
  if (request.method === 'GET') {
    return [Object.fromEntries(new URL(request.target, 'http://x').searchParams)];
  }
  return JSON.parse(String(request.body)).data;
}

function contextsOf(parameters: Parameters): { schema: string; data: Record<string, unknown> }[] {
  return JSON.parse(parameters.co ?? Buffer.from(parameters.cx!, 'base64url').toString()).data;
}

function contextOf(parameters: Parameters, name: string): Record<string, unknown> | undefined {
  return contextsOf(parameters).find(({ schema }) => schema.includes(`/${name}/`))?.data;
}

const settings = trafficSettings.parse({
  seed: 11,
  rate: 400,
  duration: '20s',
  visitors: 250,
  faulty: 0.1,
  bots: '8%',
});
let plan: PlannedRequest[];
let good: Seen[];

beforeAll(() => {
  plan = [...planTraffic(settings)];
  good = plan
    .filter(({ kind }) => ['visitor', 'bot', 'offline', 'retry'].includes(kind))
    .flatMap((request) => eventsOf(request).map((parameters) => ({ request, parameters })));
});

const header = ({ headers }: PlannedRequest, wanted: string) =>
  headers.find(([name]) => name.toLowerCase() === wanted)?.[1];

describe('the plan', () => {
  it('numbers requests in order of their due times, all within the run', () => {
    let before = 0;
    plan.forEach(({ request, due }, place) => {
      expect(request).toBe(place);
      expect(due).toBeGreaterThanOrEqual(before);
      expect(due).toBeLessThan(settings.duration);
      before = due;
    });
  });

  it('keeps the wanted rate from the first second to the last', () => {
    const seconds = new Float64Array(20);
    const seeds = [1, 2, 3, 4];
    for (const seed of seeds) {
      for (const { due, events } of planTraffic({ ...settings, seed }))
        seconds[Math.floor(due / 1000)]! += events;
    }
    const rate = (from: number, to: number) =>
      seconds.slice(from, to).reduce((sum, events) => sum + events, 0) /
      (to - from) /
      seeds.length /
      settings.rate;
    expect(rate(0, 20)).toBeGreaterThan(0.92);
    expect(rate(0, 20)).toBeLessThan(1.08);
    for (let second = 0; second < 20; second += 2) {
      expect(rate(second, second + 2)).toBeGreaterThan(0.7);
      expect(rate(second, second + 2)).toBeLessThan(1.6);
    }
  });

  it('has the shares that were asked for', () => {
    const events = (...kinds: string[]) =>
      plan.reduce((sum, { kind, events }) => sum + (kinds.includes(kind) ? events : 0), 0);
    const all = plan.reduce((sum, { events }) => sum + events, 0);
    expect(Math.abs(events('bot') / all - 0.08)).toBeLessThan(0.03);
    const faulty = plan.filter(({ kind }) => kind in FAULT_SHARES).length;
    expect(Math.abs(faulty / plan.length - 0.1)).toBeLessThan(0.03);
    for (const kind of Object.keys(FAULT_SHARES)) {
      expect(plan.some((request) => request.kind === kind)).toBe(true);
    }
  });

  it('says how many events each request holds', () => {
    for (const { request } of good) expect(request.events).toBe(eventsOf(request).length);
    for (const { kind, events } of plan) if (kind === 'noise') expect(events).toBe(0);
    const sizes = new Set(
      good.filter(({ request }) => request.kind === 'visitor').map(({ request }) => request.events),
    );
    expect([...sizes].sort()).toEqual([1, 2, 3, 4, 5]);
  });

  it('writes the mark, its own ids and legal bytes into everything', () => {
    const mark = runMark(settings);
    expect(new Set(good.map(({ parameters }) => parameters.tna))).toEqual(new Set([mark]));
    const illegal = plan.filter(
      ({ target, headers }) =>
        !/^\/[!-\xff]*$/.test(target) ||
        headers.some(([name, value]) => !/^[A-Za-z-]+$/.test(name) || !/^[ -~]*$/.test(value)),
    );
    expect(illegal).toEqual([]);
  });

  it('gives every event an id of its own, but for those that are sent again', () => {
    const first = new Map<string, PlannedRequest>();
    for (const { request, parameters } of good) {
      const before = first.get(parameters.eid!);
      if (before === undefined) first.set(parameters.eid!, request);
      else expect(request).toMatchObject({ kind: 'retry', repeats: before.request });
    }
  });

  it('is lazy: a month of it begins at once', () => {
    const month = trafficSettings.parse({ duration: '720h', rate: 1_000 });
    const [first] = planTraffic(month);
    expect(first!.request).toBe(0);
  });

  it('is lean where that is asked for: page views by GET, without contexts, at the wanted rate', () => {
    const lean = trafficSettings.parse({ ...settings, lean: true, bots: 0, faulty: 0, visitors: 2_000 });
    const requests = [...planTraffic(lean)];
    expect(new Set(requests.map(({ method }) => method))).toEqual(new Set(['GET']));
    const events = requests.flatMap(eventsOf);
    expect(new Set(events.map(({ e }) => e))).toEqual(new Set(['pv']));
    expect(events.filter((event) => 'cx' in event || 'co' in event || 'ue_px' in event)).toEqual([]);
    expect(new Set(events.map(({ eid }) => eid)).size).toBe(events.length);
    expect(Math.abs(events.length / (400 * 20) - 1)).toBeLessThan(0.2);
  });

  it('comes to nothing without duration, and to visitors alone without bots and faults', () => {
    expect([...planTraffic({ ...settings, duration: 0 })]).toEqual([]);
    const kinds = [...planTraffic({ ...settings, duration: 4_000, bots: 0, faulty: 0 })].map(
      ({ kind }) => kind,
    );
    expect(new Set(kinds)).toEqual(new Set(['visitor']));
  });
});

describe('sessions', () => {
  const counted = () =>
    good.filter(
      ({ request, parameters }) => request.kind === 'visitor' && parameters.cookie === '1' && parameters.sid,
    );

  it('count their events one by one', () => {
    const last = new Map<string, number>();
    for (const { parameters } of counted()) {
      const session = contextOf(parameters, 'client_session')!;
      const index = session.eventIndex as number;
      const before = last.get(parameters.sid!);
      if (before !== undefined) expect(index).toBe(before + 1);
      if (index === 1) expect(session.firstEventId).toBe(parameters.eid);
      last.set(parameters.sid!, index);
      expect(session).toMatchObject({
        userId: parameters.duid,
        sessionId: parameters.sid,
        sessionIndex: Number(parameters.vid),
      });
    }
    expect(last.size).toBeGreaterThan(100);
  });

  it('belong to one visitor, and follow one another', () => {
    const owner = new Map<string, string>();
    const visits = new Map<string, number>();
    for (const { parameters } of counted()) {
      expect(owner.get(parameters.sid!) ?? parameters.duid).toBe(parameters.duid);
      owner.set(parameters.sid!, parameters.duid!);
      const visit = Number(parameters.vid);
      const before = visits.get(parameters.duid!);
      if (before !== undefined) expect([before, before + 1]).toContain(visit);
      visits.set(parameters.duid!, visit);
    }
  });

  it('keep one duid in one cookie jar, and lose it with the cookies', () => {
    const duids = new Map<string, string>();
    for (const { request, parameters } of counted()) {
      expect(duids.get(request.browser!) ?? parameters.duid).toBe(parameters.duid);
      duids.set(request.browser!, parameters.duid!);
      expect(header(request, 'cookie')).toContain(`=${parameters.duid}.`);
    }
    expect(new Set(duids.values()).size).toBe(duids.size);
    const browsers = [...duids.keys()].map((jar) => jar.split('.')[0]);
    expect(new Set(browsers).size).toBeLessThan(browsers.length);
  });

  it('are not there where tracking is anonymous', () => {
    const anonymous = good.filter(({ request }) => header(request, 'sp-anonymous') !== undefined);
    expect(anonymous.length).toBeGreaterThan(20);
    for (const { request, parameters } of anonymous) {
      expect(request.browser).toBeNull();
      expect(header(request, 'cookie')).toBeUndefined();
      for (const name of ['duid', 'sid', 'vid', 'uid']) expect(parameters[name]).toBeUndefined();
      expect(contextOf(parameters, 'client_session')).toBeUndefined();
    }
    const byClientOnly = good.filter(
      ({ request, parameters }) => request.kind === 'visitor' && request.browser !== null && !parameters.duid,
    );
    expect(byClientOnly.length).toBeGreaterThan(20);
  });
});

describe('what is faulty', () => {
  it('a retry is the same but for the time of sending', () => {
    const retries = plan.filter(({ kind }) => kind === 'retry');
    expect(retries.length).toBeGreaterThan(20);
    for (const retry of retries) {
      const original = plan[retry.repeats!]!;
      expect(retry.due).toBeGreaterThan(original.due);
      expect(retry.browser).toBe(original.browser);
      expect(retry.headers).toEqual(original.headers);
      const withoutStm = (request: PlannedRequest) =>
        eventsOf(request).map(({ stm: _stm, ...parameters }) => parameters);
      expect(withoutStm(retry)).toEqual(withoutStm(original));
      expect(Number(eventsOf(retry)[0]!.stm)).toBeGreaterThan(Number(eventsOf(original)[0]!.stm));
    }
  });

  it('an offline queue brings events of long ago in one request', () => {
    const queues = plan.filter(({ kind }) => kind === 'offline');
    expect(Math.max(...queues.map(({ events }) => events))).toBeGreaterThan(5);
    for (const queue of queues) {
      for (const { dtm, stm } of eventsOf(queue)) expect(Number(stm) - Number(dtm)).toBeGreaterThan(300_000);
    }
  });

  it('some clocks are hours wrong, when events happen as when they are sent', () => {
    const skews = good
      .filter(({ request }) => request.kind === 'visitor')
      .map(({ request, parameters }) => {
        const skew = Number(parameters.stm) - (settings.startAt + request.due);
        expect(Math.abs(Number(parameters.stm) - Number(parameters.dtm))).toBeLessThan(60_000);
        return Math.abs(skew);
      });
    expect(skews.filter((skew) => skew > 3_600_000).length).toBeGreaterThan(10);
    expect(skews.filter((skew) => skew <= 1).length / skews.length).toBeGreaterThan(0.9);
  });

  it('expects what should become of it', () => {
    const expected = new Map<string, Set<string>>();
    for (const { kind, expect: outcome } of plan) {
      expected.set(kind, (expected.get(kind) ?? new Set()).add(outcome));
    }
    expect(Object.fromEntries([...expected].map(([kind, outcomes]) => [kind, [...outcomes].sort()]))).toEqual(
      {
        visitor: ['processed'],
        bot: ['processed'],
        retry: ['processed'],
        offline: ['processed'],
        invalid_utf8: ['processed'],
        malformed: ['failed', 'processed'],
        oversized: ['refused'],
        noise: ['ignored'],
      },
    );
  });
});

describe('visits', () => {
  it('have the length that the rate of arrivals is computed from', () => {
    const population = new Population({
      seed: 1,
      visitors: 4_000,
      mark: 'x',
      appId: 'shop',
      skewedClocks: 0,
      names: ['a'],
    });
    const site = new Site();
    const random = new Random(rootOf('visits'));
    const visits = 6_000;
    let events = 0;
    let requests = 0;
    let backwards = 0;
    let length = 0;
    let pages = 0;
    for (let number = 0; number < visits; number++) {
      const browser = population.browserOf(random.below(4_000), random);
      const journey = new Journey({
        number,
        root: rootOf('journeys'),
        browser,
        site,
        origin: 'https://shop.example',
        landing: land(random, site, false),
        startsAt: 0,
        scale: 1,
      });
      let last = 0;
      for (let batch = journey.upcoming; batch !== null; batch = journey.upcoming) {
        if (batch.at < last) backwards += 1;
        requests += 1;
        events += batch.events.length;
        pages += batch.events.filter(({ event }) => event.type === 'page_view').length;
        last = batch.at;
        journey.advance();
      }
      length += last;
    }
    expect(backwards).toBe(0);
    expect(Math.abs(events / requests / EVENTS_PER_REQUEST - 1)).toBeLessThan(0.05);
    expect(Math.abs(events / visits / EVENTS_PER_VISIT - 1)).toBeLessThan(0.05);
    expect(Math.abs(pages / visits / PAGES_PER_VISIT - 1)).toBeLessThan(0.05);
    expect(Math.abs(length / visits / VISIT_LENGTH - 1)).toBeLessThan(0.05);
  });

  it('lead from page to page: each page view has the page before as its referrer', () => {
    const before = new Map<string, string>();
    let followed = 0;
    for (const { request, parameters } of good) {
      if (request.kind !== 'visitor' || parameters.e !== 'pv') continue;
      const tab = contextOf(parameters, 'browser_context')!.tabId as string | null;
      if (tab === null) continue;
      const previous = before.get(tab);
      if (previous !== undefined) {
        expect(parameters.refr).toBe(previous);
        followed += 1;
      }
      before.set(tab, parameters.url!);
    }
    expect(followed).toBeGreaterThan(100);
  });

  it('come by campaigns with fitting referrers', () => {
    const landings = good.filter(
      ({ parameters }) => /utm_medium=cpc/.test(parameters.url!) && parameters.e === 'pv',
    );
    expect(landings.length).toBeGreaterThan(5);
    for (const { parameters } of landings) {
      const source = new URL(parameters.url!).searchParams.get('utm_source')!;
      expect(parameters.refr).toContain(source);
    }
  });

  it('hurry in short runs only', () => {
    expect(dwellScale(trafficSettings.parse({ duration: '30s' }))).toBeCloseTo(0.05);
    expect(dwellScale(trafficSettings.parse({ duration: '1h' }))).toBe(1);
    expect(dwellScale(trafficSettings.parse({ duration: '1h', dwellScale: 0.5 }))).toBe(0.5);
  });
});

describe('bots', () => {
  it('read pages without pings: one kind declared and without cookies, the other at a steady beat', () => {
    const bots = good.filter(({ request }) => request.kind === 'bot');
    expect(new Set(bots.map(({ parameters }) => parameters.e))).toEqual(new Set(['pv']));
    const crawled = bots.filter(({ request }) => header(request, 'user-agent')!.includes('bot'));
    expect(crawled.length).toBeGreaterThan(50);
    expect(crawled.every(({ request }) => request.browser === null)).toBe(true);
    expect(new Set(crawled.map(({ parameters }) => parameters.duid)).size).toBe(crawled.length);
    const times = new Map<string, number[]>();
    for (const { request } of bots) {
      if (request.browser === null) continue;
      times.set(request.browser, [...(times.get(request.browser) ?? []), request.due]);
    }
    const beat = 800 * dwellScale(settings);
    for (const beats of times.values()) {
      for (let i = 1; i < beats.length; i++) expect(beats[i]! - beats[i - 1]!).toBeCloseTo(beat, 1);
    }
    expect(times.size).toBeGreaterThan(1);
  });
});

describe('the same seed and settings', () => {
  const small = trafficSettings.parse({ seed: 42, rate: 200, duration: '5s', visitors: 300, faulty: '10%' });

  it('give the same traffic, byte by byte', () => {
    expect(trafficFingerprint(small)).toBe(trafficFingerprint(small));
  });

  it('give other traffic with another seed', () => {
    expect(trafficFingerprint({ ...small, seed: 43 })).not.toBe(trafficFingerprint(small));
  });

  it('give the same ids whenever the run begins, and others under another mark', () => {
    const ids = (changed: object) =>
      new Set(
        [...planTraffic({ ...small, duration: 2_000, faulty: 0, ...changed })].flatMap((request) =>
          eventsOf(request).map(({ eid }) => eid),
        ),
      );
    const mark = runMark(small);
    expect(runMark({ ...small, startAt: 1 })).toBe(mark);
    expect(mark).toMatch(/^cp-[0-9a-f]{8}$/);
    const others = ids({ mark: 'another' });
    expect([...ids({})].filter((id) => others.has(id))).toEqual([]);
    expect(ids({ startAt: small.startAt + 1_000 })).toEqual(ids({}));
  });

  it('are known by a fingerprint', () => {
    const why =
      'the traffic of a fixed seed has changed: that breaks comparisons with earlier runs. If it is meant, say so in a line of CHANGELOG.md and put the new fingerprint here and there';
    const fingerprint = trafficFingerprint(small);
    expect(fingerprint, why).toBe('9892a94ba2fc7100d7e3a1ff3d2f9daee5368b59a12ce1533709df6289cba825');
  });
});
