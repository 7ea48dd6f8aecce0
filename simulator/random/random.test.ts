import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Choice, zipf } from './choice.ts';
import { Ids } from './ids.ts';
import { Random, rootOf } from './random.ts';

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const draws = (random: Random, count: number) => Array.from({ length: count }, () => random.uint32());

describe('random numbers', () => {
  it('are the same for the same root and keys, and others for others', () => {
    fc.assert(
      fc.property(fc.string(), word, word, (name, key, subkey) => {
        const root = rootOf(name);
        expect(draws(new Random(root, key, subkey), 8)).toEqual(draws(new Random(root, key, subkey), 8));
        expect(draws(new Random(root, key, subkey), 8)).not.toEqual(
          draws(new Random(root, key ^ 1, subkey), 8),
        );
        expect(draws(new Random(root, key, subkey), 8)).not.toEqual(
          draws(new Random(root, key, subkey ^ 1), 8),
        );
      }),
    );
  });

  it('never change between versions', () => {
    expect(draws(new Random(rootOf(7, 'arrivals')), 3)).toMatchInlineSnapshot(`
      [
        1683838148,
        324434262,
        2032721068,
      ]
    `);
  });

  it('stay within their limits', () => {
    fc.assert(
      fc.property(word, fc.integer({ min: -50, max: 50 }), fc.nat(100), (key, low, width) => {
        const random = new Random(rootOf('limits'), key);
        const number = random.between(low, low + width);
        expect(number).toBeGreaterThanOrEqual(low);
        expect(number).toBeLessThanOrEqual(low + width);
        expect(Number.isInteger(number)).toBe(true);
      }),
    );
  });

  it('have the moments of their distributions', () => {
    const random = new Random(rootOf('moments'));
    const count = 100_000;
    const mean = (draw: () => number) => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += draw();
      return sum / count;
    };
    expect(mean(() => random.float())).toBeCloseTo(0.5, 2);
    expect(mean(() => random.normal())).toBeCloseTo(0, 1);
    expect(mean(() => random.normal() ** 2)).toBeCloseTo(1, 1);
    expect(mean(() => random.exponential(3))).toBeCloseTo(3, 1);
    expect(mean(() => Math.log(random.logNormal(20, 0.5)))).toBeCloseTo(Math.log(20), 1);
  });
});

describe('choices', () => {
  it('draw in proportion to the weights', () => {
    const random = new Random(rootOf('weights'));
    const choice = new Choice(['a', 'b', 'c'], (item) => ({ a: 1, b: 0, c: 3 })[item]!);
    const counts: Record<string, number> = { a: 0, b: 0, c: 0 };
    for (let i = 0; i < 40_000; i++) counts[choice.draw(random)]! += 1;
    expect(counts.b).toBe(0);
    expect(counts.c! / counts.a!).toBeCloseTo(3, 0);
  });

  it('follow Zipf: the logarithm of the frequency falls with the logarithm of the rank by the exponent', () => {
    const random = new Random(rootOf('zipf'));
    const places = Array.from({ length: 200 }, (_, place) => place);
    const counts = new Float64Array(200);
    const choice = zipf(places, 0.9);
    for (let i = 0; i < 400_000; i++) counts[choice.draw(random)]! += 1;
    const slope = (Math.log(counts[0]!) - Math.log(counts[99]!)) / Math.log(100);
    expect(slope).toBeCloseTo(0.9, 1);
  });
});

describe('ids', () => {
  it('are UUIDs of version 4', () => {
    fc.assert(
      fc.property(word, word, (key, subkey) => {
        expect(Ids.of('x').uuid(key, subkey)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }),
    );
  });

  it('differ by name and by each number', () => {
    const seen = new Set<string>();
    for (const name of ['event', 'page']) {
      const ids = Ids.of(1, name);
      for (let key = 0; key < 300; key++) for (let sub = 0; sub < 100; sub++) seen.add(ids.uuid(key, sub));
    }
    expect(seen.size).toBe(60_000);
  });
});
