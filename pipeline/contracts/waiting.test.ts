import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
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

describe('a server that is asked again', () => {
  const refused = new Error('refused');
  const again = { timeoutMs: 10_000, passes: (error: unknown) => error === refused };

  test('is there after some attempts: why it was not is said once', async () => {
    let attempts = 0;
    const work = async () => {
      attempts++;
      if (attempts < 3) throw refused;
      return attempts;
    };
    const waiting = waitingFor('Kafka', 'host:9092', diagnostics, work, again);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(await waiting).toBe(3);
    expect(said).toHaveLength(2);
    expect(said[0]).toMatch(/^waits for Kafka .*"error":/);
    expect(said[1]).toBe('Kafka is there {"at":"host:9092"}');
  });

  test('whose first answer takes long: why is said when it is known', async () => {
    const { promise, reject } = Promise.withResolvers<number>();
    const waiting = waitingFor('Kafka', 'host:9092', diagnostics, () => promise, again);
    waiting.catch(() => {});
    await vi.advanceTimersByTimeAsync(3_000);
    expect(said).toEqual(['waits for Kafka {"at":"host:9092"}']);
    reject(refused);
    await vi.advanceTimersByTimeAsync(1);
    expect(said[1]).toMatch(/^waits for Kafka .*"error":/);
    await vi.advanceTimersByTimeAsync(9_000);
    await expect(waiting).rejects.toBe(refused);
  });

  test('is given up when the time is over, at once where waiting does not help, and when nobody waits any more', async () => {
    const never = async () => Promise.reject(refused);
    const tooLong = waitingFor('Kafka', 'host:9092', diagnostics, never, again);
    tooLong.catch(() => {});
    await vi.advanceTimersByTimeAsync(12_000);
    await expect(tooLong).rejects.toBe(refused);

    const denied = new Error('denied');
    const atOnce = waitingFor('Kafka', 'host:9092', diagnostics, async () => Promise.reject(denied), again);
    await expect(atOnce).rejects.toBe(denied);

    const givenUp = new AbortController();
    const ended = waitingFor('Kafka', 'host:9092', diagnostics, never, { ...again, signal: givenUp.signal });
    ended.catch(() => {});
    await vi.advanceTimersByTimeAsync(500);
    givenUp.abort();
    await expect(ended).rejects.toMatchObject({ name: 'AbortError' });
  });
});
