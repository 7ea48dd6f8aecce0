import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ResultLine } from './corpus-request.ts';
import { answerOf, parseResult, RESULT_PREFIX } from './results.ts';

const COUNT = 1_000;
const result: fc.Arbitrary<ResultLine> = fc.record(
  {
    at: fc.nat({ max: COUNT - 1 }),
    began: fc.nat(),
    sent: fc.nat(),
    took: fc.double({ min: 0, max: 1e6, noNaN: true }).map((took) => took + 0),
    status: fc.oneof(fc.constant(0), fc.integer({ min: 100, max: 599 })),
    code: fc.integer({ min: 0, max: 1_700 }),
    error: fc.string(),
    networkUserId: fc.uuid(),
  },
  { requiredKeys: ['at', 'began', 'sent', 'took', 'status', 'code'] },
);

describe('what k6 says of a request', () => {
  test('is read as the script wrote it', () => {
    fc.assert(
      fc.property(result, (line) => {
        expect(parseResult(RESULT_PREFIX + JSON.stringify(line), COUNT)).toEqual(line);
      }),
    );
  });

  test('is nothing but a result: other lines are for people, and a broken one is an error', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.startsWith(RESULT_PREFIX));
        expect(parseResult(text, COUNT)).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(result, fc.nat(), (line, cut) => {
        const text = JSON.stringify(line);
        const broken = RESULT_PREFIX + text.slice(0, cut % text.length);
        expect(() => parseResult(broken, COUNT)).toThrow(
          expect.objectContaining({ code: 'K6_OUTPUT_UNREADABLE' }),
        );
      }),
    );
    const good = { at: 1, began: 1, sent: 1, took: 1, status: 200, code: 0 };
    const wrong = [{ at: COUNT }, { at: -1 }, { at: 0.5 }, { took: null }, { status: '200' }, { error: 1 }];
    for (const part of wrong) {
      expect(() => parseResult(RESULT_PREFIX + JSON.stringify({ ...good, ...part }), COUNT)).toThrow();
    }
  });

  test('becomes an answer: refused where surely nothing was sent or the server said so, unknown where nobody knows', () => {
    fc.assert(
      fc.property(result, fc.nat(), (line, request) => {
        const answer = answerOf(request, line);
        expect(answer.request).toBe(request);
        expect(answer.answered).toBeGreaterThanOrEqual(answer.sent);
        if (line.status === 0) {
          expect(answer.status).toBeNull();
          expect(answer.outcome).not.toBe('acknowledged');
          expect(answer.error).toBeDefined();
        } else {
          expect(answer.status).toBe(line.status);
          expect(answer.outcome).toBe(line.status < 400 ? 'acknowledged' : 'refused');
        }
      }),
    );
    const outcomes = [1050, 1101, 1212, 1220, 1310, 1211].map(
      (code) => answerOf(0, { at: 0, began: 0, sent: 0, took: 1, status: 0, code }).outcome,
    );
    expect(outcomes).toEqual(['unknown', 'refused', 'refused', 'unknown', 'refused', 'refused']);
  });
});
