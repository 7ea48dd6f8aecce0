import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { FlatMessage } from '../../pipeline/contracts/messages.ts';
import { eventTime, ProfileFold as PipelineFold } from '../../pipeline/profile/fold.ts';
import { DEFAULT_PROFILE_RULES } from '../../pipeline/profile/rules.ts';
import { encodeVisitor } from '../../pipeline/profile/visitor-value.ts';
import { EMPTY_WINDOW } from '../../pipeline/profile/visitor-window.ts';
import { viewEvent } from '../readers/event-view.ts';
import { type ProfileReader, storedValues } from '../readers/profile-reader.ts';
import { ProfileCheck, type ProfileCounts } from './profile-check.ts';
import { ProfileFold, profileEvent } from './profile-fold.ts';

const event = (id: string, more: FlatMessage = {}): FlatMessage => ({
  'event-event_id': id,
  'event-event_fingerprint': `print of ${id}`,
  'event-domain_userid': 'visitor',
  'event-collector_tstamp': '2026-01-05T18:00:10Z',
  'query-eid': id,
  ...more,
});

/** What the events fold to, as the persister would write it. */
function shown(...events: FlatMessage[]): FlatMessage {
  const fold = new ProfileFold();
  for (const one of events) fold.add(profileEvent(one));
  return Object.fromEntries(
    Object.entries(fold.values()).filter(([, value]) => value !== undefined),
  ) as FlatMessage;
}

async function compare(
  flattened: FlatMessage[],
  persisted: FlatMessage[],
  { store, mark = '' }: { store?: ProfileReader; mark?: string } = {},
): Promise<ProfileCounts> {
  const folder = await mkdtemp(join(tmpdir(), 'clickproof-profiles-'));
  const check = await ProfileCheck.create(folder, 10);
  const view = (flat: FlatMessage) => viewEvent(flat, mark, new Map());
  const place = (flat: FlatMessage, offset = 0) => ({
    partition: 1,
    offset,
    key: Buffer.from(view(flat).visitor),
  });
  try {
    for (const [i, flat] of flattened.entries()) await check.add(view(flat), flat, place(flat, i));
    for (const flat of persisted) await check.see(view(flat), flat, place(flat));
    return await check.result(store);
  } finally {
    await check.remove();
    await rm(folder, { recursive: true });
  }
}

const text = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined });
const time = fc.integer({ min: 0, max: 5 }).map((second) => `2026-01-05T18:00:0${second}Z`);
const anyEvent = fc
  .record({ time, session: text, campaign: text, referrer: text, user: text, pageView: fc.boolean() })
  .map(({ time: derived, session, campaign, referrer, user, pageView }) => ({
    'event-derived_tstamp': derived,
    ...(session && { 'event-domain_sessionid': session }),
    ...(campaign && { 'event-mkt_campaign': campaign }),
    ...(referrer && { 'event-page_referrer': `https://${referrer}/`, 'event-refr_urlhost': referrer }),
    ...(user && { 'event-user_id': user }),
    ...(pageView && { 'event-event': 'page_view', 'event-page_url': 'https://shop.example/' }),
  }));

describe('the fold of a visitor’s events', () => {
  it('does not depend on the order of the events', () => {
    const events = fc.array(anyEvent, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        events.chain((list) => {
          const all = list.map((one, i) => event(`id ${i}`, one));
          return fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }));
        }),
        ([inOrder, shuffled]) => {
          expect(shown(...shuffled)).toEqual(shown(...inOrder));
        },
      ),
    );
  });

  it('keeps first and last by time, counts and sets', () => {
    const first = event('1', {
      'event-derived_tstamp': '2026-01-05T18:00:01Z',
      'event-event': 'page_view',
      'event-page_url': 'https://shop.example/',
      'event-page_urlhost': 'shop.example',
      'event-refr_urlhost': 'shop.example',
      'event-page_referrer': 'https://shop.example/before',
      'event-domain_sessionid': 's1',
      'event-mkt_campaign': 'spring',
    });
    const second = event('2', {
      'event-derived_tstamp': '2026-01-05T18:00:02.500Z',
      'event-refr_urlhost': 'elsewhere.example',
      'event-page_referrer': 'https://elsewhere.example/',
      'event-domain_sessionid': 's2',
      'event-mkt_campaign': 'summer',
      'event-user_id': 'u',
    });
    expect(shown(second, first)).toEqual({
      'profile-first_seen': '2026-01-05T18:00:01Z',
      'profile-last_seen': '2026-01-05T18:00:02.500Z',
      'profile-visits': 2,
      'profile-events': 2,
      'profile-page_views': 1,
      'profile-first_campaign': 'spring',
      'profile-last_campaign': 'summer',
      // One's own pages refer to nobody.
      'profile-first_referrer': 'https://elsewhere.example/',
      'profile-last_referrer': 'https://elsewhere.example/',
      'profile-user_ids': ['u'],
    });
  });

  it('lets no event happen after it was collected, nor without a time of its own before', () => {
    const late = event('1', { 'event-derived_tstamp': '2026-01-05T19:00:00Z' });
    expect(shown(late)).toMatchObject({ 'profile-last_seen': '2026-01-05T18:00:10Z' });
    expect(shown(event('1'))).toMatchObject({ 'profile-first_seen': '2026-01-05T18:00:10Z' });
  });
});

/** What the pipeline stores of a visitor after these events. */
function stored(...events: FlatMessage[]): Buffer {
  const fold = new PipelineFold(DEFAULT_PROFILE_RULES);
  const state = events.reduce<Parameters<PipelineFold['add']>[0]>(
    (before, fields) =>
      fold.add(before, { id: String(fields['event-event_id']), time: eventTime(fields, 0), fields }),
    null,
  );
  return encodeVisitor({ window: EMPTY_WINDOW, state });
}

describe('a stored profile', () => {
  it('is read as the values that the pipeline writes to the last event', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 8 }), (list) => {
        const all = list.map((one, i) => event(`id ${i}`, one));
        expect(storedValues(stored(...all))).toEqual(shown(...all));
      }),
    );
  });

  it('of another version, or none at all, is not read', () => {
    expect(storedValues(Buffer.from([2, 0, 0, 0, 0, 0x7b, 0x7d]))).toBeUndefined();
    expect(storedValues(Buffer.from('no profile'))).toBeUndefined();
    expect(storedValues(Buffer.alloc(0))).toBeUndefined();
  });
});

describe('the profiles', () => {
  const [a, b] = [event('a'), event('b', { 'event-mkt_campaign': 'spring' })];

  it('are right where the last event shows the fold, each event counted once', async () => {
    const persisted = [
      { ...a, ...shown(a) },
      { ...b, ...shown(a, b) },
    ];
    expect(await compare([a, b, a], persisted)).toMatchObject({
      visitors: 1,
      correct: 1,
      wrong: 0,
      unseen: 0,
    });
  });

  it('are wrong where an event was not folded, or twice, and the value is named', async () => {
    const wrong = await compare([a, b], [a, { ...b, ...shown(b) }]);
    expect(wrong).toMatchObject({
      correct: 0,
      wrong: 1,
      samples: [{ visitor: 'visitor', value: { name: 'profile-events', expected: 2, seen: 1 } }],
    });
    const twice = { ...b, ...shown(a, b), 'profile-events': 3 };
    expect(await compare([a, b], [a, twice])).toMatchObject({ wrong: 1 });
    const more = { ...a, ...shown(a), 'profile-last_campaign': 'of somebody else' };
    expect(await compare([a], [more])).toMatchObject({ wrong: 1 });
  });

  it('are unseen, not wrong, where the event that would show them is not there', async () => {
    expect(await compare([a, b], [{ ...a, ...shown(a) }])).toMatchObject({ correct: 0, wrong: 0, unseen: 1 });
  });

  it('are told from the newest event wherever that stands', async () => {
    const persisted = [
      { ...b, ...shown(a, b) },
      { ...a, ...shown(a) },
    ];
    expect(await compare([a, b], persisted)).toMatchObject({ correct: 1 });
  });

  it('take events of one id with two fingerprints for two, the second under its new id', async () => {
    const other = event('a', { 'event-event_fingerprint': 'another' });
    const renamed = { ...other, 'event-event_id': 'new', 'event-original_event_id': 'a' };
    const persisted = [
      { ...a, ...shown(a) },
      { ...renamed, ...shown(a, other) },
    ];
    expect(await compare([a, other], persisted)).toMatchObject({ correct: 1 });
  });

  it('have no visitor who is nobody', async () => {
    const nobody = event('a', { 'event-domain_userid': '' });
    expect(await compare([nobody], [nobody])).toMatchObject({ visitors: 0 });
  });
});

describe('the profile store', () => {
  const [a, b] = [event('a'), event('b', { 'event-mkt_campaign': 'spring' })];
  const flattened = [a, b];
  const persisted = [
    { ...a, ...shown(a) },
    { ...b, ...shown(a, b) },
  ];

  /** A store with one value in partition 1. */
  function store(value: Buffer | null, mark: () => number = () => 2): ProfileReader {
    return {
      name: 'store',
      mark: async () => mark(),
      profiles: async (partition, visitors) =>
        visitors.map((visitor) => (partition === 1 && visitor === 'visitor' ? value : null)),
      close: async () => {},
    };
  }

  it('has the fold of the events', async () => {
    const counts = await compare(flattened, persisted, { store: store(stored(a, b)) });
    expect(counts.stored).toEqual({ correct: 1, wrong: 0, missing: 0, samples: [] });
  });

  it('lacks an event, or a whole visitor, and that is named', async () => {
    const short = await compare(flattened, persisted, { store: store(stored(b)) });
    expect(short).toMatchObject({ correct: 1, stored: { correct: 0, wrong: 1, missing: 0 } });
    expect(short.stored?.samples).toEqual([
      {
        visitor: 'visitor',
        where: 'store, partition 1',
        value: { name: 'profile-events', expected: 2, seen: 1 },
      },
    ]);
    const none = await compare(flattened, persisted, { store: store(null) });
    expect(none.stored).toMatchObject({ missing: 1, samples: [{ visitor: 'visitor' }] });
    const garbled = await compare(flattened, persisted, { store: store(Buffer.from('?')) });
    expect(garbled.stored).toMatchObject({ wrong: 1 });
  });

  it('is waited for until it has folded what was read', async () => {
    let looks = 0;
    const behind: ProfileReader = store(stored(a, b), () => Math.min(2, looks++));
    const counts = await compare(flattened, persisted, { store: behind });
    expect(counts.stored).toMatchObject({ correct: 1 });
    expect(looks).toBe(3);
  });

  it('counts for nothing where it cannot be read', async () => {
    const gone = store(null, () => {
      throw new ClickproofError('HOP_UNREADABLE', 'gone');
    });
    expect((await compare(flattened, persisted, { store: gone })).stored).toBeUndefined();
  });

  it('may say of foreign visitors what it likes', async () => {
    const counts = await compare(flattened, persisted, { store: store(null), mark: 'run 1' });
    expect(counts).toMatchObject({ visitors: 0, foreign: 1, stored: { missing: 0 } });
    const own = { ...b, 'event-name_tracker': 'run 1' };
    const both = await compare([a, own], persisted, { store: store(stored(a, b)), mark: 'run 1' });
    expect(both).toMatchObject({ visitors: 1, foreign: 0, stored: { correct: 1 } });
  });
});
