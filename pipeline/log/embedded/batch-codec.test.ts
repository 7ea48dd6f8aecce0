import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasCode } from '../../contracts/errors.ts';
import {
  type BatchRow,
  decodeBatch,
  encodeBatch,
  encodeBatches,
  MAX_BATCH_BYTES,
  type StoredBatch,
} from './batch-codec.ts';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const anyRecord = fc.record({
  key: fc.option(bytes(300)),
  value: fc.option(
    fc.oneof(
      bytes(20),
      bytes(40_000),
      fc.nat(20_000).map((size) => Buffer.alloc(size, 'ab')),
    ),
  ),
  timestamp: fc.oneof(fc.nat(), fc.integer({ min: 0, max: 8.64e15 })),
});

/** Far faster than comparing buffers element by element. */
function same(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}

function row(batch: StoredBatch, baseOffset: number): BatchRow {
  return { ...batch, baseOffset };
}

describe('batches', () => {
  it('decode to what was encoded, byte for byte', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 30 }), fc.nat(2 ** 50), (records, base) => {
        const [batch, ...others] = encodeBatches(records);
        expect(others).toEqual([]);
        const decoded = decodeBatch(row(batch!, base));
        expect(decoded).toHaveLength(records.length);
        for (const [i, { offset, timestamp, key, value }] of decoded.entries()) {
          expect([offset, timestamp]).toEqual([base + i, records[i]!.timestamp]);
          expect([same(key, records[i]!.key), same(value, records[i]!.value)]).toEqual([true, true]);
        }
      }),
    );
  });

  it('keep gaps between offsets', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(2 ** 40), { minLength: 1, maxLength: 20 }), (deltas) => {
        deltas.sort((a, b) => a - b);
        const records = deltas.map(() => ({ key: null, value: null, timestamp: 0 }));
        const batch = encodeBatch(records, deltas);
        expect(batch.lastDelta).toBe(deltas.at(-1));
        expect(decodeBatch(row(batch, 5)).map(({ offset }) => offset)).toEqual(
          deltas.map((delta) => 5 + delta),
        );
      }),
    );
  });

  it('do not share memory with one another, compressed or not', () => {
    const make = (fill: string) => encodeBatch([{ key: null, value: Buffer.alloc(600, fill), timestamp: 0 }]);
    const first = make('a');
    make('b');
    expect(decodeBatch(row(first, 0))[0]!.value!.toString()).toBe('a'.repeat(600));
  });

  it('are split at a size, except for a record that is larger by itself', () => {
    const sizes = [100, MAX_BATCH_BYTES * 3, 10, MAX_BATCH_BYTES / 2, MAX_BATCH_BYTES / 2, 7];
    const records = sizes.map((size) => ({ key: null, value: randomBytes(size), timestamp: 1 }));
    const batches = encodeBatches(records);
    expect(batches.map(({ count }) => count)).toEqual([1, 1, 2, 2]);
    let next = 0;
    const decoded = batches.flatMap((batch) => {
      const part = decodeBatch(row(batch, next));
      next += batch.lastDelta + 1;
      return part;
    });
    expect(decoded.map(({ offset, value }) => [offset, value!.length])).toEqual(
      sizes.map((size, i) => [i, size]),
    );
    expect(decoded.every(({ value }, i) => value!.equals(records[i]!.value))).toBe(true);
  });

  it('that were altered anywhere are told from what was written', () => {
    const batch = (size: number) =>
      encodeBatch([
        { key: Buffer.from('key'), value: Buffer.alloc(size, 'value '), timestamp: 1_700_000_000_000 },
      ]);
    fc.assert(
      fc.property(
        fc.constantFrom(10, 5_000),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (size, at, flip) => {
          const { body, ...rest } = batch(size);
          const altered = Buffer.from(body);
          altered[at % altered.length]! ^= flip;
          let error: unknown;
          try {
            decodeBatch({ ...rest, body: altered, baseOffset: 0 });
          } catch (thrown) {
            error = thrown;
          }
          expect(hasCode(error, 'LOG_CORRUPT')).toBe(true);
        },
      ),
    );
  });
});
