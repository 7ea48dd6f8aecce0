import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { fetchRequest } from './wire/fetch.ts';

it.each([
  ['../index.ts', false],
  ['./index.ts', true],
])('is loaded only by whoever wants Kafka: %s', async (module, loaded) => {
  const script = `
    await import(${JSON.stringify(new URL(module, import.meta.url).href)});
    const { createRequire } = await import('node:module');
    const paths = Object.keys(createRequire(${JSON.stringify(import.meta.url)}).cache);
    console.log(paths.some((path) => path.includes('kafkajs')));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  expect(stdout.trim()).toBe(String(loaded));
});

it('encodes a fetch of committed records', async () => {
  const { request } = fetchRequest([{ topic: 'tö', partition: 3, offset: 2 ** 40, maxBytes: 7 }], {
    maxWaitMs: 250,
    maxBytes: 8,
  });
  expect([request.apiKey, request.apiVersion]).toEqual([1, 11]);
  const { buffer } = await request.encode();
  const expected = [
    'ffffffff', // replica
    '000000fa', // longest wait
    '00000001', // least bytes
    '00000008', // most bytes
    '01', // read committed
    '00000000', // no session
    'ffffffff',
    '00000001', // topics
    '000374c3b6',
    '00000001', // partitions
    '00000003',
    'ffffffff', // leader epoch
    '0000010000000000', // offset
    'ffffffffffffffff', // log start
    '00000007', // most bytes
    '00000000', // forgotten topics
    '0000', // rack
  ];
  expect(buffer.toString('hex')).toBe(expected.join(''));
});
