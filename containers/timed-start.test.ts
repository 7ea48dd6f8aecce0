import { expect, test } from 'vitest';
import { startsDuring, timedStart } from './timed-start.ts';

test('tells of the starts meanwhile', async () => {
  await timedStart('before', async () => {});
  const slow = Promise.withResolvers<string>();
  const { result, starts } = await startsDuring(async () => {
    const both = [
      timedStart('slow', () => slow.promise),
      timedStart('quick', async () => slow.resolve('there')),
    ];
    return Promise.all(both);
  });
  await timedStart('after', async () => {});
  expect(result).toEqual(['there', undefined]);
  expect(starts.map(({ name }) => name).sort()).toEqual(['quick', 'slow']);
  for (const { began, ready } of starts) expect(ready).toBeGreaterThanOrEqual(began);
});

test('of what does not start nothing is told', async () => {
  const { result, starts } = await startsDuring(() =>
    timedStart('broken', () => Promise.reject(new Error('no memory'))).catch(String),
  );
  expect(result).toBe('Error: no memory');
  expect(starts).toEqual([]);
});
