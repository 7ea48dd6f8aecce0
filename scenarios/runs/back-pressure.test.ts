import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { StackProgress } from '../../containers/stack.ts';
import { backPressure } from './back-pressure.ts';

function* numbers(count: number) {
  for (let i = 0; i < count; i++) yield i;
}

const progress = (lag: number, unshippedBytes = 0): StackProgress => ({
  ...{ records: {}, behind: {}, unshippedBytes },
  lag: { parser: 0, persister: lag },
});

/** Takes what comes until nothing comes any more, and says how much that was. */
async function take(from: AsyncIterable<number>, stopping: AbortController, settled: () => boolean) {
  let taken = 0;
  const reading = (async () => {
    for await (const _ of from) taken += 1;
  })();
  while (!settled()) await turn();
  stopping.abort();
  await reading;
  return taken;
}

it.each([
  ['a reader stays behind', () => Promise.resolve(progress(100)), 100],
  ['lines are not shipped', () => Promise.resolve(progress(0, 150_000)), 100],
  ['nobody can tell', () => Promise.reject(new Error('Kafka is down')), 100],
])('hands on a bounded part of the plan where %s', async (_, answer, most) => {
  const stopping = new AbortController();
  let asked = 0;
  const stack = {
    progress() {
      asked += 1;
      return answer();
    },
  };
  const taken = await take(
    backPressure(numbers(900), stack, 100, stopping.signal),
    stopping,
    () => asked > 2,
  );
  expect(taken).toBeGreaterThanOrEqual(100);
  expect(taken).toBeLessThanOrEqual(most);
});

it('goes on to the end as the pipeline takes it', async () => {
  let handedOn = 0;
  const stack = { progress: async () => progress(Math.min(handedOn, 40)) };
  for await (const _ of backPressure(numbers(5_000), stack, 100, new AbortController().signal)) handedOn += 1;
  expect(handedOn).toBe(5_000);
});

it('says while a request waits', async () => {
  let lag = 100;
  const told: boolean[] = [];
  const stack = { progress: async () => progress(lag) };
  const onHeld = (held: boolean) => {
    if (told.at(-1) !== held) told.push(held);
    if (held) lag = 0;
  };
  for await (const _ of backPressure(numbers(200), stack, 100, new AbortController().signal, onHeld));
  expect(told).toEqual([false, true, false]);
});
