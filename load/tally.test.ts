import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Answer } from '../simulator/ledger/index.ts';
import { planTraffic, trafficSettings } from '../simulator/plan/index.ts';
import { Tally } from './tally.ts';

const requests = [...planTraffic(trafficSettings.parse({ rate: '100/s', duration: '1s', seed: 2 }))].slice(
  0,
  40,
);
const USERS = 5;

test('every request of the corpus ends as sent, dropped or stopped, whatever k6 told of', () => {
  const told = fc.array(
    fc.record({
      at: fc.nat({ max: requests.length - 1 }),
      status: fc.constantFrom(0, 200, 302, 413),
      code: fc.constantFrom(0, 1050, 1212),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(told, fc.boolean(), (results, interrupted) => {
      const answers: Answer[] = [];
      const ledger = { intend() {}, flush() {}, answer: (answer: Answer) => answers.push(answer) };
      const tally = new Tally(requests, 1_000, USERS, { ledger });
      for (const { at, status, code } of results)
        tally.add({ at, began: 1_000, sent: 1_000 + at * 25, took: 3, status, code });
      const heard = new Set(results.map(({ at }) => at));
      expect(tally.progress().sent).toBe(heard.size);
      const result = tally.finish(interrupted);
      expect(result.sent + result.dropped + result.abandoned).toBe(requests.length);
      expect(result.acknowledged + result.refused + result.unknown).toBe(result.sent);
      expect(new Set(answers.map(({ request }) => request)).size).toBe(answers.length);
      const silent = requests.filter(({ request }) => !answers.some((answer) => answer.request === request));
      if (interrupted) {
        // At most so many can have been under way behind the last that is known.
        const last = Math.max(-1, ...heard);
        const open = requests.filter((_, at) => !heard.has(at) && at <= last + USERS);
        expect(silent).toEqual(open);
        expect(result.dropped).toBe(0);
      } else {
        expect(silent).toEqual([]);
        expect(result.sent).toBe(heard.size);
        expect(result.abandoned).toBe(0);
      }
    }),
  );
});

test('latency counts from when the request was due', () => {
  const tally = new Tally(requests, 1_000, USERS, {});
  const interval = 1_000 / requests.length;
  tally.add({ at: 4, began: 5_000, sent: 5_000 + 4 * interval + 30, took: 10, status: 200, code: 0 });
  const { latency, lag } = tally.finish(false);
  expect(lag.maxValue / 1_000).toBeCloseTo(30, 0);
  expect(latency.maxValue / 1_000).toBeCloseTo(40, 0);
});
