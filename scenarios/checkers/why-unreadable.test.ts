import { expect, it } from 'vitest';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { whyUnreadable } from './why-unreadable.ts';

const failing = (message: string) => () => Promise.reject(new ClickproofError('HOP_UNREADABLE', message));

it('says why a hop cannot be read, in a line that is not endless', async () => {
  expect(await whyUnreadable(async () => {})).toBeUndefined();
  expect(await whyUnreadable(failing('no answer\nat somewhere'))).toBe('no answer');
  expect(await whyUnreadable(failing('x'.repeat(10_000)))).toBe(`${'x'.repeat(300)} …`);
});

it('leaves mistakes of the checker to whoever is to see them', async () => {
  await expect(whyUnreadable(() => Promise.reject(new TypeError('a mistake')))).rejects.toThrow('a mistake');
});
