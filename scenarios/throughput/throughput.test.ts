import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Result, TimelineSample } from '../../reports/result.ts';
import { trafficSettings } from '../../simulator/plan/index.ts';
import { mostBehind } from './behind.ts';
import { throughputFigures } from './figures.ts';
import { phaseTimes, planPhases } from './phases.ts';

const settings = trafficSettings.parse({ rate: 20, duration: 20_000, visitors: 200 });

test('the phases of a burst are one plan under one mark, in order of time, numbered without a gap', () => {
  const phases = phaseTimes('burst', settings.duration);
  const plan = [...planPhases(phases, settings, 'cp-test')];
  expect(plan.map(({ request }) => request)).toEqual(plan.map((_, i) => i));
  for (const [i, { due, repeats }] of plan.entries()) {
    expect(due).toBeGreaterThanOrEqual(plan[i - 1]?.due ?? 0);
    if (repeats !== undefined) expect(repeats).toBeLessThan(i);
  }
  const rate = (from: number, to: number) =>
    plan
      .filter(({ due }) => due >= from * 1000 && due < to * 1000)
      .reduce((sum, { events }) => sum + events, 0) /
    (to - from);
  const [before, burst, after] = phases.map(({ from, to }) => rate(from, to));
  expect(burst!).toBeGreaterThan(2 * before!);
  expect(burst!).toBeGreaterThan(2 * after!);
  const marked = plan.filter(({ target, body }) => `${target}${body}`.includes('cp-test'));
  expect(marked.length).toBeGreaterThan(plan.length / 2);
});

test('the same settings plan the same requests', () => {
  const plan = () => JSON.stringify([...planPhases(phaseTimes('burst', 5_000), settings, 'cp-test')]);
  expect(plan()).toBe(plan());
});

/** Traffic of 20 s with a burst from 6 s to 8 s; `lag` gives the records behind at each second. */
const run = (lag: (at: number) => number): Result => {
  const timeline = Array.from({ length: 30 }, (_, at): TimelineSample => {
    return { at, counts: { sent: Math.min(at, 20) * 20 }, lag: { parser: lag(at), persister: 0 } };
  });
  const traffic = { eventsPerSecond: 20, generator: { bottleneck: false } };
  return { traffic, timeline, latency: [] } as unknown as Result;
};

test('a pipeline has caught up when it is no further behind than before the burst', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 9 }), (seconds, usual) => {
      const lag = (at: number) => (at > 6 && at < 8 + seconds ? 100 : usual);
      const figures = throughputFigures(run(lag), phaseTimes('burst', 20_000));
      expect(figures.find(({ name }) => name.startsWith('caught up'))?.value).toBe(seconds);
    }),
  );
});

test('steady traffic has nothing to catch up with, and a queue that grows shows', () => {
  const figures = throughputFigures(
    run((at) => at * 10),
    phaseTimes('steady', 20_000),
  );
  expect(figures.some(({ name }) => name.startsWith('caught up'))).toBe(false);
  expect(figures.find(({ name }) => name.startsWith('most behind'))?.value).toBe(200 / 20);
  expect(mostBehind([])).toBe(0);
  expect(mostBehind([{ at: 1, counts: { sent: 1 }, lag: { parser: 2 }, unshippedBytes: 30_000 }])).toBe(12);
});
