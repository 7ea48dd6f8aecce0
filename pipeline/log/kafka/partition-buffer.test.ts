import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PartitionBuffer } from './partition-buffer.ts';

const record = (offset: number, size: number) => ({
  offset,
  key: null,
  value: Buffer.alloc(size),
  timestamp: 0,
});

it('hands over every record once and in order, within the limits, and ends past the markers', () => {
  const fetches = fc.array(
    fc.record({
      // Of each record: how large, and how many offsets before it are markers or gone.
      records: fc.array(fc.record({ size: fc.nat(40), gap: fc.nat(2) }), { maxLength: 8 }),
      markers: fc.nat(3),
      takes: fc.nat(3),
    }),
    { maxLength: 12 },
  );
  const limits = fc.record({
    maxRecords: fc.integer({ min: 1, max: 5 }),
    maxBytes: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(fetches, limits, (script, { maxRecords, maxBytes }) => {
      const buffer = new PartitionBuffer('topic', 0, 0, { maxRecords, maxBytes }, () => {});
      let position = 0;
      const offered: number[] = [];
      const taken: number[] = [];
      const take = () => {
        const { records, nextOffset } = buffer.take();
        const bytes = records.reduce((sum, { value }) => sum + value!.length, 0);
        expect(records.length).toBeGreaterThan(0);
        expect(records.length).toBeLessThanOrEqual(maxRecords);
        if (records.length > 1) expect(bytes).toBeLessThanOrEqual(maxBytes);
        taken.push(...records.map(({ offset }) => offset));
        expect(nextOffset).toBeGreaterThan(taken.at(-1)!);
        expect(nextOffset).toBeLessThanOrEqual(offered[taken.length] ?? position);
        if (taken.length === offered.length) expect(nextOffset).toBe(position);
      };
      for (const { records, markers, takes } of script) {
        const fetched = records.map(({ size, gap }) => {
          const one = record(position + gap, size);
          position = one.offset + 1;
          return one;
        });
        position += markers;
        offered.push(...fetched.map(({ offset }) => offset));
        buffer.offer(fetched, position, position);
        expect(buffer.position).toBe(position);
        for (let i = 0; i < takes && !buffer.empty; i++) take();
      }
      while (!buffer.empty) take();
      expect(taken).toEqual(offered);
    }),
  );
});

it('has no room while a whole batch waits, and then again', () => {
  let drained = 0;
  const buffer = new PartitionBuffer('topic', 0, 0, { maxRecords: 2, maxBytes: 100 }, () => drained++);
  expect(buffer.hasRoom).toBe(true);
  buffer.offer([record(0, 1)], 1, 1);
  expect([buffer.hasRoom, buffer.full]).toEqual([true, false]);
  buffer.offer([record(1, 1)], 2, 2);
  expect([buffer.hasRoom, buffer.full]).toEqual([false, true]);
  buffer.take();
  expect([buffer.hasRoom, buffer.full, drained]).toEqual([true, false, 1]);
  buffer.offer([record(2, 100)], 3, 3);
  expect([buffer.hasRoom, buffer.full]).toEqual([false, true]);
  buffer.close();
  expect(buffer.hasRoom).toBe(false);
});

it('knows when what is there has come, with the markers behind it', () => {
  const buffer = new PartitionBuffer('topic', 0, 0, { maxRecords: 2, maxBytes: 100 }, () => {});
  buffer.offer([record(0, 1)], 1, 2);
  expect(buffer.caughtUp).toBe(false);
  buffer.offer([], 2, 2);
  expect(buffer.caughtUp).toBe(true);
  expect(buffer.take().nextOffset).toBe(2);
});

it('hands over what came before an error, then the error', () => {
  const buffer = new PartitionBuffer('topic', 0, 0, { maxRecords: 2, maxBytes: 100 }, () => {});
  buffer.offer([record(0, 1)], 1, 1);
  buffer.fail(new Error('gone'));
  expect([buffer.hasRoom, buffer.full, buffer.empty]).toEqual([false, true, false]);
  expect(buffer.take().records).toHaveLength(1);
  expect(() => buffer.take()).toThrow('gone');
});

it('wakes whoever waits, by records, by an error, by the signal, by time', async () => {
  const make = () => new PartitionBuffer('topic', 0, 0, { maxRecords: 2, maxBytes: 100 }, () => {});
  const never = new AbortController().signal;
  const filled = make();
  const waiting = filled.change(3_600_000, never);
  filled.offer([], 5, 5);
  filled.offer([record(5, 1)], 6, 6);
  await waiting;
  const failed = make();
  const failing = failed.change(3_600_000, never);
  failed.fail(new Error('gone'));
  await failing;
  const controller = new AbortController();
  const aborted = make().change(3_600_000, controller.signal);
  controller.abort();
  await aborted;
  await make().change(3_600_000, controller.signal);
  await make().change(1, never);
});

it('leaves nothing at a signal that outlives many waits', async () => {
  const { signal } = new AbortController();
  const buffer = new PartitionBuffer('topic', 0, 0, { maxRecords: 2, maxBytes: 100 }, () => {});
  for (let i = 0; i < 3; i++) await buffer.change(1, signal);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

it('keeps no large answer alive for the little it has of it, and copies none of which it has most', () => {
  const answer = Buffer.alloc(1 << 20);
  const limits = { maxRecords: 10, maxBytes: 1 << 20 };
  const bytesHeldBy = (length: number) => {
    const buffer = new PartitionBuffer('topic', 0, 0, limits, () => {});
    const value = answer.subarray(1_000, 1_000 + length);
    buffer.offer([{ offset: 0, key: answer.subarray(0, 10), value, timestamp: 7 }], 1, 1);
    const [taken] = buffer.take().records;
    expect(taken).toEqual({ offset: 0, key: answer.subarray(0, 10), value, timestamp: 7 });
    return taken!.value!.buffer.byteLength;
  };
  expect(bytesHeldBy(100)).toBeLessThan(answer.length / 4);
  expect(bytesHeldBy(answer.length / 2)).toBe(answer.length);
});
