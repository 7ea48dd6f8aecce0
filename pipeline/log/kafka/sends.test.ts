import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutIntoSends } from './sends.ts';

const LIMITS: Readonly<Record<string, number>> = { small: 400, large: 100_000 };
const record = fc.record({
  topic: fc.constantFrom('small', 'large'),
  partition: fc.nat(2),
  key: fc.constantFrom(null, Buffer.from('key')),
  value: fc.oneof(
    fc.constant(null),
    fc.nat(200).map((size) => Buffer.alloc(size)),
  ),
  timestamp: fc.nat(),
});

it('sends every record once, in order within its partition, in batches that the topics take', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 60 }), (records) => {
      const sent = new Map<string, unknown[]>();
      for (const send of cutIntoSends(records, (topic) => LIMITS[topic]!)) {
        expect(send.length).toBeGreaterThan(0);
        const bytes = new Map<string, number>();
        for (const { topic, messages } of send) {
          for (const { key, value, partition, timestamp } of messages) {
            const place = `${topic} ${partition}`;
            sent.set(place, [...(sent.get(place) ?? []), [key, value, Number(timestamp)]]);
            bytes.set(place, (bytes.get(place) ?? 61) + (key?.length ?? 0) + (value?.length ?? 0) + 10);
          }
        }
        for (const [place, size] of bytes) expect(size).toBeLessThanOrEqual(LIMITS[place.split(' ')[0]!]!);
      }
      const expected = new Map<string, unknown[]>();
      for (const { topic, partition, key, value, timestamp } of records) {
        const place = `${topic} ${partition}`;
        expected.set(place, [...(expected.get(place) ?? []), [key, value, timestamp]]);
      }
      expect(sent).toEqual(expected);
    }),
  );
});

it('sends no more of a partition at once than kafkajs can take without stopping the event loop', () => {
  const records = Array.from({ length: 5_000 }, (_, i) => ({
    topic: 'large',
    partition: i % 5 === 0 ? 1 : 0,
    key: null,
    value: null,
    timestamp: i,
  }));
  const sends = [...cutIntoSends(records, () => 1e9)];
  expect(sends.map((send) => send[0]!.messages.length).reduce((sum, count) => sum + count)).toBe(5_000);
  for (const send of sends) {
    const first = send[0]!.messages.filter(({ partition }) => partition === 0);
    expect(first.length).toBeLessThanOrEqual(2_000);
  }
});

it('sends no more in all at once than a broker takes', () => {
  const value = Buffer.alloc(1_000_000);
  const records = Array.from({ length: 30 }, (_, partition) => ({
    topic: 'large',
    partition,
    key: null,
    value,
    timestamp: 1,
  }));
  for (const send of cutIntoSends(records, () => 2_000_000)) {
    expect(send[0]!.messages.length).toBeLessThanOrEqual(9);
  }
});
