import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HopRule } from './bounds.ts';
import { Buckets, LINES_PER_BUCKET } from './buckets.ts';
import { Comparison } from './compare.ts';
import { ContentHash } from './content.ts';
import { decodeRow, type ExpectedRow, encodeRow, keyOf, type ObservedRow, type Row } from './rows.ts';

const contents = new ContentHash();

const hops: HopRule[] = [
  { name: 'processed', multiplicity: 'each' },
  { name: 'flattened', multiplicity: 'each' },
  { name: 'persisted', multiplicity: 'once' },
  { name: 'clickhouse', multiplicity: 'once' },
];

/** An event that must hold the given text; the pipeline adds a field of its own. */
const meant = (key: string, more: Partial<ExpectedRow> & { text?: string } = {}): Row => {
  const { text = `text of ${key}`, ...rest } = more;
  return {
    expected: { key, stated: contents.of({ text }).fields, group: 'first', answer: 'acknowledged', ...rest },
  };
};
const seen = (hop: number, key: string, more: Partial<ObservedRow> & { text?: string } = {}): Row => {
  const { text = `text of ${key}`, ...rest } = more;
  const { whole, fields } = contents.of({ text, added: 'by a stage' });
  return {
    observed: {
      hop,
      key,
      group: 'first',
      content: whole,
      fields: hop === 0 ? fields : null,
      where: `hop ${hop}`,
      marked: true,
      ...rest,
    },
  };
};
const everywhere = (key: string) => hops.map((_, hop) => seen(hop, key));

function compare(rows: Row[]) {
  const comparison = new Comparison(hops);
  comparison.add(rows);
  return comparison;
}

/** All counts that are faults, as `hop.kind: n`. */
function faults(comparison: Comparison): Record<string, number> {
  const found: Record<string, number> = {};
  for (const count of comparison.counts) {
    for (const kind of ['lost', 'duplicated', 'corrupted', 'spurious'] as const) {
      if (count[kind] > 0) found[`${count.hop}.${kind}`] = count[kind];
    }
  }
  return found;
}

describe('the comparison', () => {
  it('finds nothing where every event is everywhere once', () => {
    const comparison = compare([meant('a'), ...everywhere('a'), meant('b'), ...everywhere('b')]);
    expect(faults(comparison)).toEqual({});
    expect(comparison.counts.map(({ expected, delivered }) => [expected, delivered])).toEqual([
      [2, 2],
      [2, 2],
      [2, 2],
      [2, 2],
    ]);
  });

  it('names the hop that lost an event, and the last that saw it', () => {
    const comparison = compare([meant('a'), seen(0, 'a', { where: 'tracking_processed 0@7' })]);
    expect(faults(comparison)).toEqual({ 'flattened.lost': 1 });
    expect(comparison.findings).toEqual([
      { kind: 'lost', hop: 'flattened', key: 'a', where: 'tracking_processed 0@7' },
    ]);
  });

  it('tells a doubled event from a repeat that was sent twice', () => {
    const twice = [meant('a'), meant('a')];
    const both = [seen(0, 'a'), seen(0, 'a'), seen(1, 'a'), seen(1, 'a'), seen(2, 'a'), seen(3, 'a')];
    expect(faults(compare([...twice, ...both]))).toEqual({});
    // Once, at the hop that made it: the next hands on what it gets.
    expect(faults(compare([meant('a'), ...both]))).toEqual({ 'processed.duplicated': 1 });
    expect(faults(compare([...twice, ...both, seen(3, 'a')]))).toEqual({ 'clickhouse.duplicated': 1 });
  });

  it('takes a repeat with another send time for the same event', () => {
    const rows = [
      meant('a', { text: 'sent at 1' }),
      meant('a', { text: 'sent at 2' }),
      ...[0, 1].flatMap((hop) => ['sent at 1', 'sent at 2'].map((text) => seen(hop, 'a', { text }))),
      seen(2, 'a', { text: 'sent at 2' }),
      seen(3, 'a', { text: 'sent at 2' }),
    ];
    expect(faults(compare(rows))).toEqual({});
  });

  it('keeps two different events of one id apart', () => {
    const two = [meant('a', { group: 'x', text: 'x' }), meant('a', { group: 'y', text: 'y' })];
    const all = hops.flatMap((_, hop) => ['x', 'y'].map((text) => seen(hop, 'a', { group: text, text })));
    expect(faults(compare([...two, ...all]))).toEqual({});
    expect(faults(compare([...two, ...all.slice(0, -1)]))).toEqual({ 'clickhouse.lost': 1 });
  });

  it('calls an altered event corrupted, not lost and spurious', () => {
    const rows = [meant('a'), seen(0, 'a'), seen(1, 'a', { text: 'other' }), seen(2, 'a'), seen(3, 'a')];
    expect(faults(compare(rows))).toEqual({ 'flattened.corrupted': 1 });
  });

  it('counts an alteration once, at the hop that made it', () => {
    const rows = [meant('a'), ...hops.map((_, hop) => seen(hop, 'a', hop === 0 ? {} : { text: 'other' }))];
    expect(faults(compare(rows))).toEqual({ 'flattened.corrupted': 1 });
    const fromTheStart = [meant('a'), ...hops.map((_, hop) => seen(hop, 'a', { text: 'other' }))];
    expect(faults(compare(fromTheStart))).toEqual({ 'processed.corrupted': 1 });
  });

  it('does not let a hop lose what the hop before still had once', () => {
    const twice = [meant('a'), meant('a'), seen(0, 'a'), seen(0, 'a'), seen(1, 'a')];
    expect(faults(compare(twice))).toEqual({ 'flattened.lost': 1, 'persisted.lost': 1 });
  });

  it('keeps every event that has no id, though their requests are alike', () => {
    const nameless = [meant('a', { nameless: true }), meant('a', { nameless: true })];
    const shown = (hop: number, id: string) => {
      const { whole, fields } = contents.of({ text: 'text of a', id });
      return seen(hop, 'a', { content: whole, fields: hop === 0 ? fields : null });
    };
    const all = hops.flatMap((_, hop) => [shown(hop, '1'), shown(hop, '2')]);
    expect(faults(compare([...nameless, ...all]))).toEqual({});
    expect(faults(compare([...nameless, ...all.slice(0, -1)]))).toEqual({ 'clickhouse.lost': 1 });
    const altered = all.map((row, i) => (i === 1 ? shown(0, 'x') : i % 2 === 1 ? shown(i >> 1, 'x') : row));
    expect(faults(compare([...nameless, ...altered]))).toEqual({});
    const again = hops.flatMap((_, hop) =>
      hop < 2 ? [shown(hop, '1'), shown(hop, '1')] : [shown(hop, '1')],
    );
    expect(faults(compare([...nameless, ...again]))).toEqual({});
  });

  it('counts what was made up once, and hands it on', () => {
    const rows = [seen(1, 'x', { text: 'x' }), seen(2, 'x', { text: 'x' }), seen(3, 'x', { text: 'x' })];
    expect(faults(compare(rows))).toEqual({ 'flattened.spurious': 1 });
    expect(faults(compare([...rows, seen(3, 'x', { text: 'other' })]))).toEqual({
      'flattened.spurious': 1,
      'clickhouse.spurious': 1,
    });
  });

  it('says nothing of a hop that could not be read, and goes on behind it', () => {
    const comparison = new Comparison(hops.map((hop, i) => ({ ...hop, read: i !== 1 })));
    comparison.add([meant('a'), seen(0, 'a'), seen(2, 'a'), seen(3, 'a'), meant('b'), seen(0, 'b')]);
    expect(faults(comparison)).toEqual({ 'persisted.lost': 1 });
  });

  it('compares hops that read from the same one with that one', () => {
    const sinks = [...hops, { name: 'second', multiplicity: 'once' as const, after: 2 }];
    const comparison = new Comparison(sinks);
    comparison.add([meant('a'), seen(0, 'a'), seen(1, 'a'), seen(2, 'a'), seen(4, 'a')]);
    expect(faults(comparison)).toEqual({ 'clickhouse.lost': 1 });
  });

  it('takes no time to speak of for one id with many events, or one event sent many times', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => String(i));
    const rows = many.flatMap((text) => [
      meant('same id', { group: text, text }),
      ...hops.map((_, hop) => seen(hop, 'same id', { group: text, text })),
      meant('same event', { text }),
      ...hops.slice(0, 2).map((_, hop) => seen(hop, 'same event', { text })),
    ]);
    rows.push(seen(2, 'same event', { text: '0' }), seen(3, 'same event', { text: '0' }));
    expect(faults(compare(rows))).toEqual({});
  });

  it('tells spurious events from other people’s', () => {
    expect(faults(compare([seen(1, 'x')]))).toEqual({ 'flattened.spurious': 1 });
    const comparison = compare([seen(1, 'x', { marked: false })]);
    expect(faults(comparison)).toEqual({});
    expect(comparison.counts[1]!.foreign).toBe(1);
  });

  it('does not require an unanswered event, but does not let it vanish once it was seen', () => {
    const unsure = meant('a', { answer: 'unknown' });
    expect(faults(compare([unsure]))).toEqual({});
    expect(faults(compare([unsure, ...everywhere('a')]))).toEqual({});
    expect(faults(compare([unsure, seen(0, 'a')]))).toEqual({ 'flattened.lost': 1 });
    expect(faults(compare([unsure, ...everywhere('a'), seen(2, 'a')]))).toEqual({
      'persisted.duplicated': 1,
    });
  });

  it('counts each planted fault exactly, whatever else is in the run', () => {
    type Fault = 'none' | 'drop' | 'double' | 'alter' | 'spurious';
    const run = fc.array(
      fc.record({
        fault: fc.constantFrom<Fault>('none', 'drop', 'double', 'alter', 'spurious'),
        hop: fc.integer({ min: 0, max: 3 }),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(run, (events) => {
        const rows: Row[] = [];
        const planted: Record<string, number> = {};
        const plant = (hop: number, kind: string) => {
          const name = `${hops[hop]!.name}.${kind}`;
          planted[name] = (planted[name] ?? 0) + 1;
        };
        for (const [i, { fault, hop }] of events.entries()) {
          const key = `event ${i}`;
          if (fault === 'spurious') {
            rows.push(seen(hop, key));
            plant(hop, 'spurious');
            continue;
          }
          rows.push(meant(key));
          for (let at = 0; at < hops.length; at++) {
            if (fault === 'drop' && at >= hop) continue;
            if (fault === 'alter' && at >= hop) rows.push(seen(at, key, { text: 'altered' }));
            else rows.push(seen(at, key));
            if (fault === 'double' && at === hop) rows.push(seen(at, key));
          }
          if (fault === 'drop') plant(hop, 'lost');
          if (fault === 'double') plant(hop, 'duplicated');
          if (fault === 'alter') plant(hop, 'corrupted');
        }
        expect(faults(compare(rows))).toEqual(planted);
      }),
    );
  });
});

describe('buckets', () => {
  const text = fc.string({ unit: 'binary', minLength: 1 });

  it('keep every row of a key together and unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(text, fc.boolean()), { maxLength: 60 }), async (keys) => {
        const rows = keys.map(([key, expected]) => (expected ? meant(key) : seen(0, key)));
        const buckets = await Buckets.create(
          await mkdtemp(join(tmpdir(), 'clickproof-')),
          3.5 * LINES_PER_BUCKET,
        );
        const place = new Map<string, number>();
        const out: Row[] = [];
        try {
          for (const [i, [key]] of keys.entries()) await buckets.add(key, encodeRow(rows[i]!));
          let bucket = 0;
          for await (const part of buckets.drain()) {
            bucket += 1;
            for (const row of part.map(decodeRow)) {
              const key = keyOf(row);
              expect(place.get(key) ?? bucket).toBe(bucket);
              place.set(key, bucket);
              out.push(row);
            }
          }
          expect(bucket).toBe(4);
        } finally {
          await buckets.remove();
        }
        const sorted = (list: Row[]) => list.map(encodeRow).sort();
        expect(sorted(out)).toEqual(sorted(rows));
      }),
      { numRuns: 30 },
    );
  });

  it('write rows as one line that reads back', () => {
    fc.assert(
      fc.property(text, text, fc.boolean(), (key, where, marked) => {
        const row = seen(0, key, { where, marked });
        const line = encodeRow(row);
        expect(line).not.toContain('\n');
        expect(decodeRow(line)).toEqual(row);
      }),
    );
  });
});
