import { expect, it } from 'vitest';
import { Limiter } from './limiter.ts';

it('lets in as many as may, the others in the order in which they came', async () => {
  const limiter = new Limiter(2, 2);
  const first = await limiter.enter();
  await limiter.enter();
  expect(limiter.full).toBe(false);
  const order: string[] = [];
  const enter = async (name: string) => {
    const leave = await limiter.enter();
    order.push(name);
    return leave;
  };
  const third = enter('third');
  const fourth = enter('fourth');
  expect(limiter.full).toBe(true);
  first();
  first();
  (await third)();
  await fourth;
  expect(order).toEqual(['third', 'fourth']);
  expect(limiter.full).toBe(false);
});
