import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Agenda } from './agenda.ts';

it('gives what was put in by time, and at the same time in the order in which it came', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (times) => {
      const agenda = new Agenda<{ at: number; place: number }>();
      const items = times.map((at, place) => ({ at, place }));
      for (const item of items) agenda.add(item);
      const given = Array.from({ length: times.length }, () => agenda.next());
      expect(given).toEqual(items.toSorted((a, b) => a.at - b.at || a.place - b.place));
      expect(agenda.next()).toBeUndefined();
    }),
  );
});

it('can be added to while it is emptied', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(50), fc.nat(5)), { maxLength: 60 }), (steps) => {
      const agenda = new Agenda<{ at: number }>();
      let now = 0;
      for (const [delay, taken] of steps) {
        agenda.add({ at: now + delay });
        for (let i = 0; i < taken; i++) {
          const item = agenda.next();
          if (item === undefined) break;
          expect(item.at).toBeGreaterThanOrEqual(now);
          now = item.at;
        }
      }
    }),
  );
});
