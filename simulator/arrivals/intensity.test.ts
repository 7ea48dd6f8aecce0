import { describe, expect, it } from 'vitest';
import { Random, rootOf } from '../random/random.ts';
import { Intensity, nextArrival } from './intensity.ts';

const DAY = 86_400_000;
const day = new Intensity({
  startAt: Date.UTC(2026, 0, 5),
  begin: -3_600_000,
  end: DAY,
  random: new Random(rootOf('bursts')),
});

describe('the intensity of arrivals', () => {
  it('is 1 in the mean over the run, and never above its maximum', () => {
    let sum = 0;
    const steps = 10_000;
    for (let i = 0; i < steps; i++) {
      const value = day.at(((i + 0.5) * DAY) / steps);
      expect(value).toBeLessThanOrEqual(day.max);
      sum += value;
    }
    expect(sum / steps).toBeCloseTo(1, 1);
  });

  it('follows the day of the visitors, most of whom live in Europe', () => {
    expect(day.at(2 * 3_600_000)).toBeLessThan(0.4);
    expect(day.at(19 * 3_600_000)).toBeGreaterThan(1.1);
  });

  it('has one burst that dies away', () => {
    const shares = Array.from({ length: 100 }, (_, i) => day.burstShare((i * DAY) / 100));
    expect(Math.max(...shares)).toBeGreaterThan(0.3);
    expect(shares[0]).toBe(0);
    expect(shares.at(-1)!).toBeLessThan(Math.max(...shares));
  });
});

describe('arrivals', () => {
  it('come at the wanted rate, more of them where the intensity is higher', () => {
    const random = new Random(rootOf('arrivals'));
    const hours = new Float64Array(24);
    const rate = 100_000 / DAY;
    let count = 0;
    for (let at = nextArrival(random, 0, rate, day); at < DAY; at = nextArrival(random, at, rate, day)) {
      hours[Math.floor(at / 3_600_000)]! += 1;
      count += 1;
    }
    expect(count / 100_000).toBeCloseTo(1, 1);
    for (const hour of [2, 8, 14, 19]) {
      let expected = 0;
      for (let step = 0; step < 60; step++) expected += day.at((hour + (step + 0.5) / 60) * 3_600_000) / 60;
      expect(hours[hour]! / (100_000 / 24)).toBeCloseTo(expected, 0);
    }
  });

  it('never come at a rate of nothing', () => {
    expect(nextArrival(new Random(rootOf('none')), 0, 0, day)).toBe(Number.POSITIVE_INFINITY);
  });
});
