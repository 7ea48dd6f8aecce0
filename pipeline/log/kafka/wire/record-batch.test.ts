import { createRequire } from 'node:module';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasCode } from '../../../contracts/errors.ts';
import { readBatches } from './record-batch.ts';
import { readRecordSet } from './record-set.ts';

const require = createRequire(import.meta.url);
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch(batch: object): Promise<{ buffer: Buffer }>;
};
const Record = require('kafkajs/src/protocol/recordBatch/record/v0') as (record: object) => unknown;

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const anyRecord = fc.record({
  key: fc.option(fc.oneof(bytes(10), fc.constant(Buffer.alloc(4)))),
  value: fc.option(fc.oneof(bytes(40), bytes(300))),
  timestamp: fc.integer({ min: 0, max: 2 ** 43 }),
  headers: fc.constantFrom({}, { trace: 'abc' }),
});
type AnyRecord = typeof anyRecord extends fc.Arbitrary<infer T> ? T : never;

/** A batch as a producer sends it and a broker keeps it: kafkajs's own encoder, another than what is tested. */
async function encode(
  records: readonly AnyRecord[],
  { baseOffset = 0, pid = -1, transactional = false } = {},
) {
  const first = Math.min(...records.map(({ timestamp }) => timestamp));
  const { buffer } = await RecordBatch({
    firstOffset: baseOffset,
    firstTimestamp: first,
    maxTimestamp: Math.max(...records.map(({ timestamp }) => timestamp)),
    lastOffsetDelta: records.length - 1,
    producerId: pid,
    producerEpoch: 0,
    transactional,
    records: records.map(({ timestamp, ...record }, offsetDelta) =>
      Record({ ...record, offsetDelta, timestampDelta: timestamp - first }),
    ),
  });
  return Buffer.from(buffer);
}

const COUNT_AT = 57;
const BODY_AT = 61;

/** The same batch with its records compressed. */
function compressed(batch: Buffer, codec: number, body: Buffer): Buffer {
  const packed = Buffer.concat([batch.subarray(0, BODY_AT), body]);
  packed.writeInt32BE(packed.length - 12, 8);
  packed.writeInt16BE(packed.readInt16BE(21) | codec, 21);
  return packed;
}

const same = (a: Buffer | null, b: Buffer | null) => (a === null || b === null ? a === b : a.equals(b));

it('reads what another encoder wrote: bytes, nulls, times, headers or not, compressed or not', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyRecord, { minLength: 1, maxLength: 20 }),
      fc.nat(2 ** 50),
      fc.nat(2),
      fc.nat(25),
      async (records, baseOffset, packing, skip) => {
        let set: Buffer = await encode(records, { baseOffset });
        if (packing === 1) set = compressed(set, 1, gzipSync(set.subarray(BODY_AT)));
        if (packing === 2) set = compressed(set, 4, zstdCompressSync(set.subarray(BODY_AT)));
        const from = baseOffset + skip;
        const read = readRecordSet(set, [], from);
        expect(read.nextOffset).toBe(Math.max(from, baseOffset + records.length));
        const expected = records.slice(skip);
        expect(read.records).toHaveLength(expected.length);
        for (const [i, { offset, key, value, timestamp }] of read.records.entries()) {
          expect([offset, timestamp]).toEqual([from + i, expected[i]!.timestamp]);
          expect([same(key, expected[i]!.key), same(value, expected[i]!.value)]).toEqual([true, true]);
        }
      },
    ),
  );
});

it('leaves out a batch that is cut short, wherever that is', async () => {
  const record = { key: null, value: Buffer.from('x'), timestamp: 1, headers: {} };
  const [first, second] = [await encode([record, record]), await encode([record], { baseOffset: 2 })];
  for (let cut = 0; cut < second.length; cut++) {
    const { records, nextOffset } = readRecordSet(Buffer.concat([first, second.subarray(0, cut)]), [], 0);
    expect([records.length, nextOffset]).toEqual([2, 2]);
  }
});

it('goes on past a batch that compaction has emptied', async () => {
  const record = { key: Buffer.from('k'), value: Buffer.from('x'), timestamp: 1, headers: {} };
  const batch = await encode([record, record, record], { baseOffset: 7 });
  const empty = Buffer.from(batch.subarray(0, BODY_AT));
  empty.writeInt32BE(empty.length - 12, 8);
  empty.writeInt32BE(0, COUNT_AT);
  expect(readRecordSet(empty, [], 7)).toEqual({ records: [], nextOffset: 10 });
});

it('takes no record for a marker, whatever its key is', async () => {
  const value = Buffer.from('aborted');
  const nul = { key: Buffer.alloc(4), value, timestamp: 1, headers: {} };
  const set = Buffer.concat([
    await encode([nul], { pid: 5, transactional: true }),
    await encode([nul], { baseOffset: 1, pid: 5, transactional: true }),
    await encode([nul], { baseOffset: 2, pid: 6, transactional: true }),
  ]);
  const { records } = readRecordSet(set, [{ producerId: 5n, firstOffset: 0 }], 0);
  expect(records.map(({ offset }) => offset)).toEqual([2]);
});

it('names what it cannot read', async () => {
  const record = { key: null, value: Buffer.from('x'), timestamp: 1, headers: {} };
  const code = (set: Buffer) => {
    try {
      for (const batch of readBatches(set)) batch.records(0);
    } catch (error) {
      return ['CODEC_UNSUPPORTED', 'RECORD_FORMAT'].find((one) => hasCode(error, one));
    }
    return undefined;
  };
  const batch = await encode([record]);
  expect(code(compressed(batch, 3, Buffer.from('lz4')))).toBe('CODEC_UNSUPPORTED');
  batch[16] = 1;
  expect(code(batch)).toBe('RECORD_FORMAT');
});
