import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collidingEventId } from '../contracts/ids.ts';
import { ProfileFold } from './fold.ts';
import { type FoldInput, type FoldLimits, PartitionFold } from './partition-fold.ts';
import { PartitionWindow } from './partition-window.ts';
import { profileRules } from './rules.ts';
import { decodeVisitor, encodeVisitor } from './visitor-value.ts';
import { EMPTY_WINDOW, judge, remember } from './visitor-window.ts';

const FOLD = new ProfileFold(
  profileRules.parse([{ name: 'events', field: 'event-event_id', keep: 'count' }]),
);
const WIDE: FoldLimits = { visitorWindow: 100, partitionWindow: 1_000, horizonMs: 30_000 };

interface Click {
  readonly visitor: string | null;
  readonly id: string;
  readonly print: string;
  readonly request: string;
  readonly index?: number;
}

const input = ({ visitor, id, print, request, index = 0 }: Click, offset: number): FoldInput => ({
  offset,
  timestamp: 1_700_000_000_000 + offset * 1_000,
  visitor,
  fields: {
    'event-event_id': id,
    'event-event_fingerprint': print,
    'request-request_id': request,
    'kafka_raw-index': index,
  },
});

/** Folds all clicks, in batches of the given sizes, each on state stored by the one before. */
function run(clicks: readonly Click[], limits = WIDE, sizes: readonly number[] = [clicks.length || 1]) {
  const values = new Map<string, Buffer>();
  let segments: { ends: number; bytes: Buffer }[] = [];
  let progress = new PartitionFold(FOLD, limits).progress();
  const outcomes: string[] = [];
  for (let from = 0, batch = 0; from < clicks.length; batch++) {
    const folding = new PartitionFold(FOLD, limits, {
      progress,
      segments: segments.map(({ bytes }) => bytes),
    });
    folding.begin([]);
    folding.load(values);
    const to = from + sizes[batch % sizes.length]!;
    for (const [i, click] of clicks.slice(from, to).entries()) {
      const outcome = folding.fold(input(click, from + i));
      outcomes.push(
        'added' in outcome ? `${outcome.kind} ${outcome.added['event-event_id'] ?? click.id}` : outcome.kind,
      );
    }
    const changes = folding.changes();
    for (const [visitor, value] of changes.values) values.set(visitor, value);
    if (changes.segment) segments.push({ ends: to, bytes: changes.segment });
    segments = segments.filter(({ ends }) => ends > changes.dropBefore);
    progress = changes.progress;
    from = to;
  }
  const stored = [...values].map(([visitor, value]) => `${visitor} ${value.toString('base64')}`).toSorted();
  return { outcomes, progress, stored, segments };
}

const click = (visitor: string | null, id: string, print: string, request: string): Click => ({
  visitor,
  id,
  print,
  request,
});

describe('what is a repeat', () => {
  it('tells repeats of a line, retries of an event, and another event under the same id apart', () => {
    const { outcomes, progress } = run([
      click('X', 'a', '1', 'r1'),
      click('X', 'a', '1', 'r1'),
      click('X', 'a', '1', 'r2'),
      click('X', 'a', '2', 'r3'),
      click('X', 'a', '2', 'r4'),
      click('Y', 'a', '1', 'r5'),
    ]);
    const other = collidingEventId('a', '2');
    expect(outcomes).toEqual(['event a', 'repeat', 'retry', `collision ${other}`, 'retry', 'event a']);
    expect(progress.counts).toMatchObject({ events: 3, repeats: 1, retries: 2, collisions: 1 });
  });

  it('notes the id that an event had', () => {
    const folding = new PartitionFold(FOLD, WIDE);
    folding.fold(input(click('X', 'a', '1', 'r1'), 0));
    expect(folding.fold(input(click('X', 'a', '2', 'r2'), 1))).toMatchObject({
      kind: 'collision',
      added: {
        'event-original_event_id': 'a',
        'event-event_id': collidingEventId('a', '2'),
        'profile-events': 2,
      },
    });
  });

  it('finds repeats of events without a visitor, which get no profile', () => {
    const { outcomes, stored } = run([
      click(null, 'a', '1', 'r1'),
      click(null, 'a', '1', 'r2'),
      click(null, 'a', '2', 'r3'),
      click(null, 'a', '2', 'r3'),
    ]);
    expect(outcomes).toEqual(['event a', 'retry', `collision ${collidingEventId('a', '2')}`, 'repeat']);
    expect(stored).toEqual([]);
  });

  it('takes events of one request for different ones', () => {
    const clicks = [0, 1].map((index) => ({ ...click('X', `a${index}`, '1', 'r1'), index }));
    expect(run(clicks).outcomes).toEqual(['event a0', 'event a1']);
  });

  it('does not need a request id', () => {
    const { outcomes } = run([click('X', 'a', '1', ''), click('X', 'b', '1', ''), click('X', 'a', '1', '')]);
    expect(outcomes).toEqual(['event a', 'event b', 'repeat']);
  });

  it('finds more repeats of lines than a visitor has room for', () => {
    const clicks = Array.from({ length: 50 }, (_, i) => click('X', `e${i}`, '1', `r${i}`));
    const { outcomes } = run([...clicks, ...clicks], { ...WIDE, visitorWindow: 2 });
    expect(outcomes.slice(50).every((outcome) => outcome === 'repeat')).toBe(true);
  });

  it('counts what it forgets before the horizon', () => {
    const clicks = Array.from({ length: 10 }, (_, i) => click('X', `e${i}`, '1', `r${i}`));
    const evictions = (limits: Partial<FoldLimits>) =>
      run(clicks, { ...WIDE, ...limits }).progress.counts.recentEvictions;
    expect(evictions({})).toBe(0);
    expect(evictions({ visitorWindow: 4 })).toBe(6);
    expect(evictions({ visitorWindow: 4, horizonMs: 3_000 })).toBe(0);
    expect(evictions({ partitionWindow: 3 })).toBe(6);
  });
});

describe('folding a partition', () => {
  const anyClick = fc.record({
    visitor: fc.constantFrom('X', 'Y', null),
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    print: fc.constantFrom('1', '2'),
    request: fc.constantFrom('r1', 'r2', 'r3', ''),
    index: fc.nat(1),
  });
  const limits = fc.record({
    visitorWindow: fc.integer({ min: 1, max: 6 }),
    partitionWindow: fc.integer({ min: 0, max: 12 }),
    horizonMs: fc.constantFrom(0, 4_000, 60_000),
  });

  it('does not depend on how records are cut into batches', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(anyClick, { maxLength: 40 }), limits, sizes, (clicks, given, cut) => {
        const { segments: _, ...whole } = run(clicks, given);
        const { segments: __, ...parts } = run(clicks, given, cut);
        expect(parts).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  it('knows a line again after a restart although an older place of it has been forgotten', () => {
    const far = { ...WIDE, visitorWindow: 1, partitionWindow: 3 };
    const again = click('X', 'a', '1', 'r1');
    const between = ['b', 'c', 'd'].map((id) => click('X', id, '1', `r${id}`));
    const clicks = [again, ...between, again, click('X', 'e', '1', 're'), again];
    const expected = ['event a', 'event b', 'event c', 'event d', 'event a', 'event e', 'repeat'];
    expect(run(clicks, far).outcomes).toEqual(expected);
    expect(run(clicks, far, [3]).outcomes).toEqual(expected);
  });

  it('agrees with a plain reading of the rules', () => {
    fc.assert(
      fc.property(fc.array(anyClick, { maxLength: 40 }), limits, (clicks, given) => {
        const lines: { offset: number; line: string }[] = [];
        const windows = new Map<string | null, { offset: number; id: string; print: string }[]>();
        const expected = clicks.map((one, offset) => {
          const line = JSON.stringify([one.request, one.index, one.id, one.print]);
          if (lines.some((seen) => seen.line === line && seen.offset >= offset - given.partitionWindow))
            return 'repeat';
          lines.push({ offset, line });
          const all = windows.get(one.visitor) ?? [];
          const window =
            one.visitor === null
              ? all.filter((seen) => seen.offset >= offset - given.partitionWindow)
              : all.slice(-given.visitorWindow);
          const same = window.filter(({ id }) => id === one.id);
          if (same.some(({ print }) => print === one.print)) return 'retry';
          windows.set(one.visitor, [...all, { offset, id: one.id, print: one.print }]);
          return same.length === 0 ? `event ${one.id}` : `collision ${collidingEventId(one.id, one.print)}`;
        });
        expect(run(clicks, given).outcomes).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('folds the same records twice as once', () => {
    const known = anyClick.filter(({ visitor }) => visitor !== null);
    fc.assert(
      fc.property(fc.array(known, { maxLength: 20 }), (clicks) => {
        const once = run(clicks);
        const twice = run([...clicks, ...clicks]);
        expect(twice.stored).toEqual(once.stored);
        expect(twice.progress.counts.events).toBe(once.progress.counts.events);
      }),
    );
  });

  it('holds the values of some visitors, and asks for those of others', () => {
    const folding = new PartitionFold(FOLD, WIDE);
    const visitors = Array.from({ length: 2_500 }, (_, i) => `v${i}`);
    expect(folding.begin(visitors)).toEqual(visitors);
    visitors.forEach((visitor, i) => {
      folding.fold(input(click(visitor, `e${i}`, '1', `r${i}`), i));
    });
    const { values } = folding.changes();
    expect(values.size).toBe(2_500);
    expect(folding.begin(visitors)).toEqual(visitors.slice(0, 500));
    folding.load(values);
    expect(folding.fold(input(click('v0', 'again', '1', 'r'), 2_500))).toMatchObject({
      added: { 'profile-events': 2 },
    });
    expect([...folding.changes().values.keys()]).toEqual(['v0']);
  });

  it('keeps no more segments than the window needs', () => {
    const clicks = Array.from({ length: 100 }, (_, i) => click('X', `e${i}`, '1', `r${i}`));
    expect(run(clicks, { ...WIDE, partitionWindow: 10 }, [1]).segments.length).toBeLessThanOrEqual(11);
  });
});

describe('windows', () => {
  it('a visitor’s holds no memory but its own, for it is held for long', () => {
    const entry = { id: 'x'.repeat(8), print: 1, seconds: 2 };
    const { window } = remember(remember(EMPTY_WINDOW, entry, 5).window, entry, 5);
    expect(window.buffer.byteLength).toBe(window.length);
    const stored = Buffer.concat([encodeVisitor({ window, state: null }), Buffer.alloc(1_000)]).subarray(
      0,
      -1_000,
    );
    const { window: read } = decodeVisitor(stored);
    expect(read).toEqual(window);
    expect(read.buffer.byteLength).toBe(window.length);
  });

  it('a visitor’s takes no more than its room', () => {
    let window = EMPTY_WINDOW;
    for (let i = 0; i < 20; i++) {
      ({ window } = remember(window, { id: `id-----${i % 10}`, print: i, seconds: i }, 5));
    }
    expect(window).toHaveLength(5 * 16);
    expect(judge(window, 'id-----9', 19)).toBe('retry');
    expect(judge(window, 'id-----9', 9)).toBe('collision');
    expect(judge(window, 'id-----4', 14)).toBe('new');
  });

  it('a partition’s is the same after it was stored', () => {
    const window = new PartitionWindow(3);
    window.rememberLine(2 ** 40, 1_700_000_000, '\xff\x00line00');
    window.rememberAnonymous(2 ** 40 + 1, 2 ** 32 - 1, 'abcdefgh', 2 ** 32 - 1);
    const loaded = new PartitionWindow(3, [window.takeSegment()!]);
    expect(window.takeSegment()).toBeNull();
    expect(loaded.takeSegment()).toBeNull();
    expect(loaded.hasLine('\xff\x00line00')).toBe(true);
    expect(loaded.judgeAnonymous('abcdefgh', 2 ** 32 - 1)).toBe('retry');
    expect(loaded.advance(2 ** 40 + 4, 1_700_000_060_000, 60_000)).toBe(0);
    expect(loaded.hasLine('\xff\x00line00')).toBe(false);
    expect(loaded.judgeAnonymous('abcdefgh', 0)).toBe('collision');
  });
});
