import { once } from 'node:events';
import { expect, it } from 'vitest';
import { fakeEngine } from '../testing/fake-engine.ts';
import type { ContainerContext } from './context.ts';
import { startTogether } from './start-together.ts';

/** On an engine that has nothing; `looks` are the questions what there is to remove. */
async function context(signal?: AbortSignal): Promise<{ context: ContainerContext; looks: () => number }> {
  let looks = 0;
  const engine = await fakeEngine((_, response) => {
    looks += 1;
    response.end('[]');
  });
  return { context: { engine, run: 'x', network: 'clickproof-x', kept: false, signal }, looks: () => looks };
}

/** A start that goes on until it is given up, as a pull does. */
async function pulling({ signal }: ContainerContext): Promise<never> {
  await once(signal!, 'abort');
  throw signal!.reason;
}

it('gives what was started', async () => {
  const { context: given, looks } = await context();
  expect(await startTogether(given, () => [Promise.resolve(1), undefined, 'three'] as const)).toEqual([
    1,
    undefined,
    'three',
  ]);
  expect(looks()).toBe(0);
});

it('when one fails the others are given up, also while they pull, and removed', async () => {
  const { context: given, looks } = await context();
  const starting = startTogether(
    given,
    (own) => [Promise.reject(new Error('no port')), pulling(own)] as const,
  );
  await expect(starting).rejects.toThrow('no port');
  expect(looks()).toBeGreaterThan(0);
});

it('the signal gives all up', async () => {
  const giving = new AbortController();
  const { context: given, looks } = await context(giving.signal);
  const starting = startTogether(given, (own) => [pulling(own)] as const);
  giving.abort(new Error('given up'));
  await expect(starting).rejects.toThrow('given up');
  expect(looks()).toBeGreaterThan(0);
});
