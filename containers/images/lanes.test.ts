import { expect, it } from 'vitest';
import { inLanes, oneByOne } from './lanes.ts';

it('works on so many at a time, in their order', async () => {
  const begun: number[] = [];
  let now = 0;
  let most = 0;
  await inLanes(2, [1, 2, 3, 4, 5], async (item) => {
    begun.push(item);
    most = Math.max(most, ++now);
    await new Promise(setImmediate);
    now -= 1;
  });
  expect([begun, most, now]).toEqual([[1, 2, 3, 4, 5], 2, 0]);
});

it('begins nothing after a failure, stops what is under way, and says what failed first', async () => {
  const begun: string[] = [];
  const work = async (item: string, signal: AbortSignal) => {
    begun.push(item);
    if (item === 'fails') throw new Error('no network');
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    throw new Error('was stopped');
  };
  await expect(inLanes(2, ['waits', 'fails', 'never'], work)).rejects.toThrow('no network');
  expect(begun).toEqual(['waits', 'fails']);
});

it('does never two of a kind at a time, and goes on after one that failed', async () => {
  const said: string[] = [];
  const install = oneByOne(async (name: string) => {
    said.push(`${name} begins`);
    await new Promise(setImmediate);
    said.push(`${name} ends`);
    if (name === 'a') throw new Error('no mirror');
  });
  const [a, b] = await Promise.allSettled([install('a'), install('b')]);
  expect([a.status, b.status]).toEqual(['rejected', 'fulfilled']);
  expect(said).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});
