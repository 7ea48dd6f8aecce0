import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Ids } from '../random/ids.ts';
import { BrowserMemory } from './memory.ts';

const TIMEOUT = 1_000;
const START = 1_700_000_000_000;

function fresh() {
  const ids = { visitor: Ids.of('v'), session: Ids.of('s'), event: Ids.of('e') };
  return { ids, memory: new BrowserMemory({ seed: 1, browsers: 40, startAt: START, timeout: TIMEOUT, ids }) };
}

it('counts events within a session and begins another after the time-out, as the tracker does', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 2 * TIMEOUT }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(fc.nat(39), gaps, (browser, waits) => {
      const { memory, ids } = fresh();
      let at = START;
      let before = null;
      for (let event = 0; event < waits.length; event++) {
        at += waits[event]!;
        memory.track(browser, event, at);
        const now = memory.recall(browser, before);
        expect(memory.recall(browser, null)).toEqual(now);
        if (before === null || waits[event]! >= TIMEOUT) {
          expect(now.session.eventIndex).toBe(1);
          expect(now.session.firstEventId).toBe(ids.event.uuid(event));
          expect(now.session.firstEventTimestamp).toBe(new Date(at).toISOString());
          if (before !== null) {
            expect(now.session.index).toBe(before.session.index + 1);
            expect(now.session.previousId).toBe(before.session.id);
          }
        } else {
          expect(now.session).toEqual({ ...before.session, eventIndex: before.session.eventIndex + 1 });
        }
        expect(now.domainUserId).toBe(before?.domainUserId ?? now.domainUserId);
        before = now;
      }
    }),
  );
});

it('knows some browsers from before the run and some not', () => {
  const { memory } = fresh();
  const visits = Array.from({ length: 40 }, (_, browser) => {
    memory.track(browser, browser, START + 5);
    const recall = memory.recall(browser, null);
    const cookie = memory.cookie(browser, recall);
    expect(cookie.lastVisit === undefined).toBe(recall.session.index === 1);
    expect(recall.session.previousId === null).toBe(recall.session.index === 1);
    expect(cookie.createdAt).toBeLessThanOrEqual(cookie.now);
    return recall.session.index;
  });
  expect(visits.filter((visit) => visit === 1).length).toBeGreaterThan(10);
  expect(visits.filter((visit) => visit > 1).length).toBeGreaterThan(10);
});

it('is another visitor with another cookie jar after the cookies were deleted', () => {
  const { memory } = fresh();
  memory.track(3, 0, START);
  const before = memory.recall(3, null);
  const jar = memory.jar(3);
  memory.forget(3, START + 10);
  memory.track(3, 1, START + 20);
  const after = memory.recall(3, before);
  expect(memory.jar(3)).not.toBe(jar);
  expect(after.domainUserId).not.toBe(before.domainUserId);
  expect(after.session).toMatchObject({ index: 1, eventIndex: 1, previousId: null });
});
