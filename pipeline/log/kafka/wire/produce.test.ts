import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';
import { encodeProduce, isPlain, type ProduceFields } from './produce.ts';

/** As it is published: nothing here loads `kafkajs.ts`. */
const require = createRequire(import.meta.url);
const theirs = require('kafkajs/src/protocol/requests/produce/v3/request') as (fields: ProduceFields) => {
  encode(): Promise<{ buffer: Buffer }>;
};
const theirChecksum = require('kafkajs/src/protocol/recordBatch/crc32C') as (bytes: Buffer) => number;

const bytes = fc.uint8Array({ maxLength: 300, size: 'max' }).map((array) => Buffer.from(array));
const message = fc.record({
  key: fc.option(bytes),
  value: fc.option(bytes),
  // Of one length: kafkajs looks for the earliest among them as texts.
  timestamp: fc.integer({ min: 1_000_000_000_000, max: 9_999_999_999_999 }).map(String),
});
const partition = fc.record({
  partition: fc.nat({ max: 1_000 }),
  firstSequence: fc.nat(),
  messages: fc.array(message, { minLength: 1, maxLength: 200, size: 'max' }),
});
const fields = fc.record({
  transactionalId: fc.option(fc.string({ unit: 'binary', maxLength: 20 })),
  acks: fc.constantFrom(-1, 1),
  timeout: fc.nat(),
  producerId: fc.bigInt({ min: -1n, max: 2n ** 63n - 1n }).map(String),
  producerEpoch: fc.nat({ max: 32_767 }),
  topicData: fc.array(
    fc.record({
      topic: fc.string({ minLength: 1, maxLength: 20 }),
      partitions: fc.array(partition, { maxLength: 3 }),
    }),
    { maxLength: 3 },
  ),
});

it('writes the bytes that kafkajs writes', async () => {
  await fc.assert(
    fc.asyncProperty(fields, async (given) => {
      expect(isPlain(given)).toBe(true);
      expect(encodeProduce(given).equals((await theirs(given).encode()).buffer)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

it('times of an hour, a year and an age apart', async () => {
  const messages = ['0', '3600000', '31536000000', '8640000000000000'].map((timestamp) => ({
    key: null,
    value: Buffer.from('x'),
    timestamp,
  }));
  // kafkajs, which compares them as texts, finds the same first and last here.
  const given = {
    acks: -1,
    timeout: 1,
    topicData: [{ topic: 't', partitions: [{ partition: 0, messages }] }],
  };
  expect(encodeProduce(given).equals((await theirs(given).encode()).buffer)).toBe(true);
});

it.each([
  ['compressed', { compression: 1 }, {}],
  ['with text for bytes', {}, { value: 'text' }],
  ['without a time', {}, { timestamp: undefined }],
  ['with headers', {}, { headers: { a: '1' } }],
])('leaves a request %s to kafkajs', (_, more, odd) => {
  const messages = [{ value: Buffer.from('x'), timestamp: '1', ...odd }];
  const topicData = [{ topic: 't', partitions: [{ partition: 0, messages }] }];
  expect(isPlain({ acks: -1, timeout: 1, topicData, ...more } as ProduceFields)).toBe(false);
});

it('CRC-32C', () => {
  // RFC 3720, B.4.
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  fc.assert(
    fc.property(bytes, fc.nat({ max: 20 }), (all, from) => {
      expect(crc32c(all, from, Math.max(from, all.length))).toBe(theirChecksum(all.subarray(from)));
    }),
  );
});

it('is what producers of the event log send', async () => {
  const script = `
    const { makeCluster } = await import(${JSON.stringify(new URL('../kafkajs.ts', import.meta.url).href)});
    const { createRequire } = await import('node:module');
    const require = createRequire(${JSON.stringify(import.meta.url)});
    const { requests } = require('kafkajs/src/protocol/requests');
    const frame = require('kafkajs/src/protocol/request');
    const { request } = requests.Produce.protocol({ version: 7 })({ acks: -1, timeout: 5, transactionalId: 'id', producerId: '1',
      producerEpoch: 0, compression: 0, topicData: [{ topic: 't', partitions: [{ partition: 0, firstSequence: 0, messages: [
        { key: null, value: Buffer.from('hello'), timestamp: '1795451870000' } ] }] }] });
    const { buffer } = await frame({ correlationId: 7, clientId: 'me', request });
    console.log(buffer.toString('hex'));
  `;
  const node = process.execPath;
  const { stdout: ours } = await promisify(execFile)(node, ['--input-type=module', '-e', script]);
  const stock = script.replace(/const \{ makeCluster \}.*\n/, '');
  const { stdout: published } = await promisify(execFile)(node, ['--input-type=module', '-e', stock]);
  expect(ours).toBe(published);
  expect(ours.trim()).toMatch(/^[0-9a-f]{200,}$/);
});
