import { expect, it } from 'vitest';
import { leavingOut } from './left-out.ts';

const record = (offset: number, value: string | null) => ({
  ...{ partition: 0, offset, timestamp: 0, key: null },
  value: value === null ? null : Buffer.from(value),
});

const TOPICS: Record<string, ReturnType<typeof record>[]> = {
  raw: [record(0, 'one'), record(1, null), record(2, 'two')],
  failed: [
    record(0, 'null'),
    record(1, JSON.stringify({ source: { topic: 'raw', partition: 0, offset: 1 } })),
    record(2, JSON.stringify({ source: { topic: 'raw', partition: 0, offset: 2 } })),
    record(3, 'not JSON'),
  ],
};

async function offsets(topic: string, ...places: string[]): Promise<number[]> {
  const reader = { partitions: () => 1, records: (name: string) => TOPICS[name]!, close: () => {} };
  const found = [];
  for await (const { offset } of leavingOut(reader, new Set(places), 'failed').records(topic))
    found.push(offset);
  return found;
}

it('leaves out what was written on purpose, and the failure that it became', async () => {
  expect(await offsets('raw', 'raw 0@1', 'failed 0@3')).toEqual([0, 2]);
  expect(await offsets('failed', 'raw 0@1', 'failed 0@3')).toEqual([0, 2]);
});

it('shows everything else', async () => {
  expect(await offsets('raw')).toEqual([0, 1, 2]);
  expect(await offsets('failed', 'raw 1@1')).toEqual([0, 1, 2, 3]);
});
