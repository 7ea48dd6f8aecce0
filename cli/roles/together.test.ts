import { expect, it, onTestFinished } from 'vitest';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { Role } from './run-role.ts';
import { together } from './together.ts';

function role() {
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  const stopped: string[] = [];
  const one: Role = {
    done,
    async stop() {
      stopped.push('stopped');
      resolve();
    },
  };
  return { one, reject, stopped };
}

const refused = new ClickproofError('REFUSED', 'profiles were folded with other rules');

it('ends with the error of a role that fails while another is still starting', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const persister = role();
  const sink = role();
  let givenUp: AbortSignal | undefined;
  const starting = Promise.withResolvers<Role>();
  const all = together([
    ['persister', async () => persister.one],
    [
      'clickhouse-sink',
      (signal) => {
        givenUp = signal;
        return starting.promise;
      },
    ],
  ]);
  await new Promise(setImmediate);
  persister.reject(refused);
  await expect(all).rejects.toBe(refused);
  expect(givenUp?.aborted).toBe(true);
  // It comes up all the same: nobody waits for it any more.
  starting.resolve(sink.one);
  await sink.one.done;
  expect(sink.stopped).toEqual(['stopped']);
  expect(persister.stopped).toEqual(['stopped']);
  expect(unhandled).toEqual([]);
});

it('stops the others when one cannot start', async () => {
  const persister = role();
  const all = together([
    ['persister', async () => persister.one],
    ['clickhouse-sink', () => Promise.reject(refused)],
  ]);
  await expect(all).rejects.toBe(refused);
  expect(persister.stopped).toEqual(['stopped']);
});

it('stops the others when one ends by an error, and ends with it', async () => {
  const persister = role();
  const sink = role();
  const all = await together([
    ['persister', async () => persister.one],
    ['clickhouse-sink', async () => sink.one],
  ]);
  persister.reject(refused);
  await expect(all.done).rejects.toBe(refused);
  expect(sink.stopped).toEqual(['stopped']);
});
