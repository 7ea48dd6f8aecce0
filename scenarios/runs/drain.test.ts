import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Stack, StackProgress, TopicReading } from '../../containers/stack.ts';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { drain } from './drain.ts';

const READINGS: readonly TopicReading[] = [
  { group: 'parser', topic: 'raw' },
  { group: 'flattener', topic: 'processed' },
];

/** A pipeline that moves on by one with each look: what is unshipped, then what is in front of each reader. */
function stackOf(
  unshipped: number,
  behind: Record<string, number>,
  { stuck, onEnds }: { stuck?: string; onEnds?: (topic: string) => void } = {},
): Stack {
  let bytes = unshipped;
  const left = { ...behind };
  return {
    readings: READINGS,
    ends: async (topic: string) => {
      onEnds?.(topic);
      return [];
    },
    lag: async ({ group }: TopicReading) => {
      if (group === stuck) return left[group]!;
      left[group] = Math.max(0, left[group]! - 1);
      return left[group];
    },
    progress: async (): Promise<StackProgress> => ({
      records: {},
      lag: {},
      behind: {},
      unshippedBytes: stuck === 'shipper' ? bytes : Math.max(0, --bytes),
    }),
  } as unknown as Stack;
}

it('waits for as long as anything moves, however long that takes', async () => {
  const slow = stackOf(3, { parser: 4, flattener: 3 });
  await expect(drain(slow, { timeoutMs: 250 })).resolves.toEqual({ drained: true, behind: '' });
});

it('gives up when nothing moves any more, and says who', async () => {
  for (const [stuck, words] of [
    ['shipper', /^the shipper, in bytes, by 2$/],
    ['flattener', /^flattener, in records, by 3$/],
  ] as const) {
    const stack = stackOf(2, { parser: 1, flattener: 3 }, { stuck });
    const { drained, behind } = await drain(stack, { timeoutMs: 250 });
    expect(drained).toBe(false);
    expect(behind).toMatch(words);
  }
});

it('asks where a topic ends only when those who write to it are done', async () => {
  const asked: string[] = [];
  const left: Record<string, number> = { parser: 2, flattener: 1 };
  const stack = {
    ...stackOf(0, left, { onEnds: (topic) => asked.push(`${topic} ${left.parser}`) }),
    lag: async ({ group }: TopicReading) => --left[group]!,
  } as unknown as Stack;
  await drain(stack, { timeoutMs: 1_000 });
  expect(asked).toEqual(['raw 2', 'processed 0']);
});

it('asks again where the event log does not answer yet, and fails on what is no outage', async () => {
  const unreachable = new ClickproofError('KAFKA_UNREACHABLE', 'no answer');
  const stack = stackOf(1, { parser: 1, flattener: 1 });
  let failures = 2;
  const ends = async (topic: string) => {
    if (failures-- > 0) throw unreachable;
    return stack.ends(topic);
  };
  await expect(drain({ ...stack, ends }, { timeoutMs: 5_000 })).resolves.toMatchObject({ drained: true });
  const away = { ...stack, ends: () => Promise.reject(unreachable) };
  await expect(drain(away, { timeoutMs: 250 })).resolves.toMatchObject({ drained: false });
  const broken = { ...stack, ends: () => Promise.reject(new Error('a bug')) };
  await expect(drain(broken, { timeoutMs: 250 })).rejects.toThrow('a bug');
});

it('waits for the line of what has been answered already, where the log follows the answers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clickproof-drain-'));
  try {
    const accessLog = join(folder, 'access.log');
    writeFileSync(accessLog, 'line\n');
    let grown = false;
    const timer = setTimeout(() => {
      appendFileSync(accessLog, 'late\n');
      grown = true;
    }, 300);
    const stack = { ...stackOf(1, { parser: 1, flattener: 1 }), accessLog, answersBeforeLogging: true };
    const shippedFirst: boolean[] = [];
    const progress = async () => {
      shippedFirst.push(grown);
      return stackOf(1, {}).progress();
    };
    await expect(drain({ ...stack, progress }, { timeoutMs: 5_000 })).resolves.toMatchObject({
      drained: true,
    });
    clearTimeout(timer);
    expect(shippedFirst[0]).toBe(true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
