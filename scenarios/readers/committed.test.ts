import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Committed, type LogEntry } from './committed.ts';

/** What each of three producers does next: writes outside of a transaction or in one, or ends it. */
const steps = fc.array(
  fc.record({
    producer: fc.constantFrom('1', '2', '3'),
    does: fc.constantFrom('plain', 'write', 'write', 'commit', 'abort'),
  }),
  { maxLength: 60 },
);

function entriesOf(log: readonly { producer: string; does: string }[]): LogEntry[] {
  return log.map(({ producer, does }, offset) => {
    if (does === 'commit' || does === 'abort') {
      return { kind: 'marker', producer, committed: does === 'commit' };
    }
    const record = { partition: 0, offset, timestamp: 0, key: Buffer.alloc(4), value: null };
    return { kind: 'record', producer: does === 'plain' ? undefined : producer, record };
  });
}

it('gives what was committed, in order, however transactions interleave', () => {
  fc.assert(
    fc.property(steps, (log) => {
      const committed = new Committed();
      const given = entriesOf(log).flatMap((entry) => committed.take(entry).map(({ offset }) => offset));
      const endOf = (offset: number, producer: string) =>
        log.findIndex(
          (step, i) =>
            i > offset && step.producer === producer && (step.does === 'commit' || step.does === 'abort'),
        );
      const isWrite = (does: string) => does === 'plain' || does === 'write';
      // Behind a transaction that is still open nothing is given: where it ends is not known yet.
      const firstOpen = log.findIndex(({ producer, does }, i) => does === 'write' && endOf(i, producer) < 0);
      const settled = firstOpen < 0 ? log : log.slice(0, firstOpen);
      const expected = settled.flatMap(({ producer, does }, offset) => {
        if (!isWrite(does)) return [];
        if (does === 'plain') return [offset];
        return log[endOf(offset, producer)]!.does === 'commit' ? [offset] : [];
      });
      expect(given).toEqual(expected);
      const unfinished = log.filter(({ producer, does }, i) => does === 'write' && endOf(i, producer) < 0);
      expect(committed.open).toBe(new Set(unfinished.map(({ producer }) => producer)).size);
    }),
  );
});
