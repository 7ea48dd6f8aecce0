import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { waitingFor } from './waiting.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const said: string[] = [];
const say = (message: string, fields?: object) => void said.push(`${message} ${JSON.stringify(fields)}`);
const diagnostics = { info: say, warn: say, error: say };
beforeEach(() => {
  said.length = 0;
});

test('a server that takes its time: what is waited for, and that it is there', async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const waiting = waitingFor('Redis', 'redis://host', diagnostics, () => promise);
  await vi.advanceTimersByTimeAsync(999);
  expect(said).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(said).toEqual(['waits for Redis {"at":"redis://host"}']);
  resolve(1);
  expect(await waiting).toBe(1);
  expect(said[1]).toBe('Redis is there {"at":"redis://host"}');
});

test('nothing is said of one that is there, nor of one that refuses', async () => {
  await waitingFor('Redis', 'redis://host', diagnostics, async () => 1);
  const denied = waitingFor('Redis', 'redis://host', diagnostics, async () =>
    Promise.reject(new Error('denied')),
  );
  await expect(denied).rejects.toThrow('denied');
  await vi.advanceTimersByTimeAsync(5_000);
  expect(said).toEqual([]);
});
