import { expect, test } from 'vitest';
import { rateAsked } from './rate-asked.ts';
import type { Result } from './result.ts';

const run = (more: object = {}, traffic: object = {}): Result =>
  ({
    command: 'simulate',
    settings: { rate: 200, speed: 'realtime' },
    traffic: {
      eventsPerSecond: 135,
      seconds: 5,
      stopped: false,
      generator: { dropped: 0 },
      ...traffic,
    },
    ...more,
  }) as unknown as Result;

test('a short run that strays from its rate says why, and how far is usual', () => {
  expect(rateAsked(run())).toEqual({ rate: 200, why: expect.stringContaining('within 30 % of it') });
  expect(rateAsked(run({}, { seconds: 600 }))?.why).toContain('within 5 % of it');
  expect(rateAsked(run({ command: 'load', settings: { rate: 200 } }))?.rate).toBe(200);
});

test('a rate that was reached, and one that other things stood in the way of, need no such reason', () => {
  expect(rateAsked(run({}, { eventsPerSecond: 195 }))).toEqual({ rate: 200 });
  expect(rateAsked(run({}, { stopped: true }))).toEqual({ rate: 200 });
  expect(rateAsked(run({}, { generator: { dropped: 7 } }))).toEqual({ rate: 200 });
  const late = { generator: { dropped: 0, bottleneck: true } };
  expect(rateAsked(run({}, { ...late, eventsPerSecond: 60 }))).toEqual({ rate: 200 });
  expect(rateAsked(run({}, { ...late, eventsPerSecond: 160 }))?.why).toContain('by chance');
});

test('where nothing was asked there is nothing to say', () => {
  expect(rateAsked(run({ command: 'replay', settings: {} }))).toBeUndefined();
  expect(rateAsked(run({ settings: { rate: 200, speed: '10x' } }))).toBeUndefined();
  expect(rateAsked(run({ command: 'throughput', settings: { rate: 200 } }))).toBeUndefined();
});
