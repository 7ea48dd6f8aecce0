import { expect, test } from 'vitest';
import { interleave } from './interleave.ts';

test('measures in turns, the other way round every second time, and forgets the first round', async () => {
  const order: string[] = [];
  const subject = (name: string) => async () => order.push(name);
  const measured = await interleave({ a: subject('a'), b: subject('b') }, 4);
  expect(order.join('')).toBe('baabbaabba');
  expect(measured).toEqual({ a: [3, 6, 7, 10], b: [4, 5, 8, 9] });
});

test('without warming up every round counts', async () => {
  let calls = 0;
  expect(await interleave({ only: async () => ++calls }, 2, false)).toEqual({ only: [1, 2] });
});
