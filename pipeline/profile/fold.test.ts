import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FlatMessage, FlatValue } from '../contracts/messages.ts';
import { eventTime, type ProfileEvent, ProfileFold, type ProfileState } from './fold.ts';
import { DEFAULT_PROFILE_RULES, isOrderFree, type ProfileRule, profileRules } from './rules.ts';
import { decodeVisitor, encodeVisitor } from './visitor-value.ts';

const T0 = Date.parse('2023-11-14T22:13:20Z');
const MINUTE = 60_000;

const rules = (...given: unknown[]): ProfileRule[] => profileRules.parse(given);

function folded(of: readonly ProfileRule[], events: readonly ProfileEvent[]): ProfileState | null {
  const fold = new ProfileFold(of);
  return events.reduce<ProfileState | null>((state, event) => fold.add(state, event), null);
}

function profile(of: readonly ProfileRule[], events: readonly ProfileEvent[]): FlatMessage {
  const state = folded(of, events);
  return state ? new ProfileFold(of).values(state) : {};
}

let ids = 0;
const event = (minutes: number, fields: FlatMessage = {}): ProfileEvent => ({
  time: T0 + minutes * MINUTE,
  id: `id-${ids++}`,
  fields,
});
const values = (...all: FlatValue[]) => all.map((value, i) => event(i, { x: value }));

describe('what a rule keeps', () => {
  it.each([
    ['first', ['b', 'a', 'c'], 'b'],
    ['last', ['b', 'a', 'c'], 'c'],
    ['last', [['a', 'b'], ['c']], ['c']],
    ['count', ['b', 'b', ['x', 'y']], 3],
    ['sum', [0.1, 0.2, '0.3', 'no number', true, ['1', 2]], 4.6],
    ['sum', [1e16, Number.NaN, ''], 0],
    ['min', [3, 'a', -1, 10], -1],
    ['max', ['b', 'a', 7], 'b'],
    ['min', ['2023-11-14', '2023-02-01'], '2023-02-01'],
    ['set', ['b', 'a', 'b', ['c', 'a'], 2], [2, 'a', 'b', 'c']],
    ['distinct', ['b', 'a', 'b', ['c', 'a']], 3],
  ] as const)('%s of %j', (keep, all, expected) => {
    const of = rules({ name: 'v', field: 'x', keep });
    expect(profile(of, values(...(all as unknown as FlatValue[])))).toEqual({ 'profile-v': expected });
  });

  it('shows nothing of a field that no event had', () => {
    expect(profile(rules({ name: 'v', field: 'x', keep: 'count' }), [event(0, { y: 1 })])).toEqual({});
  });

  it('is limited by a condition', () => {
    const when = (condition: object) =>
      profile(rules({ name: 'v', field: 'x', keep: 'set', when: condition }), [
        event(0, { x: 'a', kind: 'page', own: 'page' }),
        event(1, { x: 'b', kind: 'ping', own: 'page' }),
        event(2, { x: 'c' }),
      ])['profile-v'];
    expect(when({ field: 'kind', equals: 'page' })).toEqual(['a']);
    expect(when({ field: 'kind', not: 'page' })).toEqual(['b']);
    expect(when({ field: 'kind', differsFrom: 'own' })).toEqual(['b']);
    expect(when({ field: 'kind' })).toEqual(['a', 'b']);
  });

  it('is bounded, whatever a visitor sends', () => {
    const of = rules(
      ...['first', 'last', 'min', 'max', 'set', 'distinct', 'sum', 'count'].map((keep) => ({
        name: keep,
        field: 'x',
        keep,
        limit: 3,
      })),
    );
    const huge = Array.from({ length: 40 }, (_, i) => event(i, { x: `${i}`.padEnd(100_000, '\ud83d') }));
    const lists = Array.from({ length: 40 }, (_, i) =>
      event(i, { x: Array(1_000).fill('y'.repeat(9_999) + i) }),
    );
    const state = folded(of, [...huge, ...lists]);
    expect(JSON.stringify(state).length).toBeLessThan(60_000);
  });

  it('says about how much a full set has left out', () => {
    const of = rules(
      { name: 'v', field: 'x', keep: 'set', limit: 100 },
      { name: 'n', field: 'x', keep: 'distinct' },
    );
    const shown = profile(of, [
      ...values(...Array.from({ length: 1_000 }, (_, i) => `v${i}`)),
      ...values('v1', 'v2'),
    ]);
    expect(shown['profile-v']).toHaveLength(100);
    expect(Math.abs((shown['profile-v_overflow'] as number) + 100 - 1_000)).toBeLessThan(300);
    expect(shown['profile-n']).toBe((shown['profile-v_overflow'] as number) + 100);
  });
});

describe('expiry', () => {
  const visit = (id: string, index: number, x: string) => ({
    'event-domain_sessionid': id,
    'event-domain_sessionidx': index,
    x,
  });

  it('keeps values of the current visit only', () => {
    const of = rules({ name: 'v', field: 'x', keep: 'first', expiry: 'visit' });
    const events = [
      event(0, visit('s1', 1, 'a')),
      event(5, visit('s1', 1, 'b')),
      event(60, visit('s2', 2, 'c')),
    ];
    expect(profile(of, events.slice(0, 2))).toEqual({ 'profile-v': 'a' });
    expect(profile(of, events)).toEqual({ 'profile-v': 'c' });
    // An event of the visit before, late: it is not the current one's.
    expect(profile(of, [...events, event(1, visit('s1', 1, 'late'))])).toEqual({ 'profile-v': 'c' });
  });

  it('ends a visit half an hour after its last event', () => {
    const of = rules({ name: 'v', field: 'x', keep: 'last', expiry: 'visit' });
    const first = event(0, visit('s1', 1, 'a'));
    expect(profile(of, [first, event(30)])).toEqual({ 'profile-v': 'a' });
    expect(profile(of, [first, event(31)])).toEqual({});
  });

  it('lets a value expire when nothing has renewed it for the duration, by event time', () => {
    const of = rules(
      { name: 'first', field: 'x', keep: 'first', expiry: '10m' },
      { name: 'count', field: 'x', keep: 'count', expiry: '10m' },
    );
    const events = [event(0, { x: 'a' }), event(10, { x: 'b' })];
    expect(profile(of, events)).toEqual({ 'profile-first': 'a', 'profile-count': 2 });
    expect(profile(of, [...events, event(20)])).toEqual({ 'profile-first': 'a', 'profile-count': 2 });
    expect(profile(of, [...events, event(21)])).toEqual({});
    expect(profile(of, [...events, event(21, { x: 'c' })])).toEqual({
      'profile-first': 'c',
      'profile-count': 1,
    });
    expect(profile(of, [...events, event(21, { x: 'c' }), event(5, { x: 'late' })])).toEqual({
      'profile-first': 'c',
      'profile-count': 1,
    });
  });
});

describe('the order of events', () => {
  const sessions = ['s1', 's2', 's3', 's4', 's5', 's6'];
  const anyEvent = fc.record({
    minutes: fc.integer({ min: 0, max: 100 }),
    session: fc.option(fc.nat(sessions.length - 1)),
    x: fc.option(
      fc.oneof(
        fc.constantFrom('a', 'b', 'c', 'd'),
        fc.integer({ min: -3, max: 3 }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
      ),
    ),
    kind: fc.constantFrom('page_view', 'page_ping'),
  });
  const events = fc.array(anyEvent, { maxLength: 30 }).map((all) =>
    all.map(
      ({ minutes, session, x, kind }, i): ProfileEvent => ({
        time: T0 + minutes * MINUTE,
        id: `id-${i}`,
        fields: {
          'event-event': kind,
          'event-event_id': `id-${i}`,
          'event-page_url': `http://x/${x}`,
          ...(x !== null && { x, 'event-mkt_campaign': String(x), 'event-user_id': String(x) }),
          ...(session !== null && {
            'event-domain_sessionid': sessions[session]!,
            'event-domain_sessionidx': session,
          }),
        },
      }),
    ),
  );
  const shuffled = events.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })),
  );
  const keeps = ['first', 'last', 'sum', 'count', 'min', 'max', 'set', 'distinct'];
  const orderFree = [
    ...DEFAULT_PROFILE_RULES,
    ...rules(
      ...keeps.map((keep) => ({ name: `k_${keep}`, field: 'x', keep, limit: 2 })),
      ...keeps.map((keep) => ({ name: `v_${keep}`, field: 'x', keep, limit: 2, expiry: 'visit' })),
      { name: 'd_last', field: 'x', keep: 'last', expiry: '20m' },
    ),
  ];

  it('does not matter to rules that say so', () => {
    expect(orderFree.every(isOrderFree)).toBe(true);
    fc.assert(
      fc.property(shuffled, ([all, other]) => {
        expect(folded(orderFree, other)).toEqual(folded(orderFree, all));
        expect(profile(orderFree, other)).toEqual(profile(orderFree, all));
      }),
      { numRuns: 500 },
    );
  });

  it('does not matter to visits without a count, as long as few of them interleave', () => {
    const of = rules({ name: 'v', field: 'event-page_url', keep: 'first', expiry: 'visit' });
    const uncounted = shuffled.map((both) =>
      both.map((all) =>
        all.map((one) => {
          const { 'event-domain_sessionidx': index, ...fields } = one.fields;
          return { ...one, fields: index === undefined || (index as number) < 3 ? fields : {} };
        }),
      ),
    );
    fc.assert(
      fc.property(uncounted, ([all, other]) => {
        expect(folded(of, other!)).toEqual(folded(of, all!));
      }),
    );
  });

  it('matters where a duration ends values: a late event can bridge the gap', () => {
    const of = rules({ name: 'v', field: 'x', keep: 'count', expiry: '10m' });
    expect(isOrderFree(of[0]!)).toBe(false);
    const [a, b, c] = [event(0, { x: 1 }), event(9, { x: 1 }), event(18, { x: 1 })] as const;
    expect(profile(of, [a, b, c])).not.toEqual(profile(of, [a, c, b]));
  });

  it('leaves state as it was given, and state survives storage', () => {
    fc.assert(
      fc.property(events, (all) => {
        const fold = new ProfileFold(orderFree);
        let state: ProfileState | null = null;
        for (const one of all) {
          const before: string = JSON.stringify(state);
          const next: ProfileState = fold.add(state, one);
          expect(JSON.stringify(state)).toBe(before);
          const stored = decodeVisitor(encodeVisitor({ window: Buffer.from('window'), state: next }));
          expect(stored).toEqual({ window: Buffer.from('window'), state: next });
          state = stored.state;
        }
      }),
    );
  });
});

describe('the time of an event', () => {
  const fields = (derived?: string, collector?: string): FlatMessage => ({
    ...(derived && { 'event-derived_tstamp': derived }),
    ...(collector && { 'event-collector_tstamp': collector }),
  });

  it.each([
    [fields('2023-11-14T22:13:20.500Z', '2023-11-14T22:13:21Z'), '2023-11-14T22:13:20.500Z'],
    [fields('2033-11-14T22:13:20Z', '2023-11-14T22:13:21Z'), '2023-11-14T22:13:21Z'],
    [fields(undefined, '2023-11-14T22:13:21Z'), '2023-11-14T22:13:21Z'],
    [fields('nonsense'), '2023-11-14T22:13:20Z'],
  ])('of %j is %s', (given, expected) => {
    expect(eventTime(given, T0)).toBe(Date.parse(expected));
  });

  it('is a time even where the record has none', () => {
    expect(eventTime({}, Number.NaN)).toBe(0);
    expect(profile(rules({ name: 'v', field: 'time', keep: 'first' }), [event(0)])).toEqual({
      'profile-v': '2023-11-14T22:13:20Z',
    });
  });
});
