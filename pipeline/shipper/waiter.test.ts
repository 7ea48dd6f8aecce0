import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ChangeWaiter } from './waiter.ts';

const FOR_EVER = 2_000_000_000;
let directory: string;
let waiter: ChangeWaiter;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'waiter-'));
  waiter = new ChangeWaiter(directory, FOR_EVER);
});
afterEach(() => {
  waiter.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Until the next wait would practically never end by itself. */
async function growTired(): Promise<void> {
  for (let i = 0; i < 10; i++) await waiter.change();
}

test('a new name in the directory ends the wait', async () => {
  await growTired();
  waiter.watch();
  let named = false;
  const waiting = (async () => {
    while (!named) {
      await waiter.change();
      named = waiter.takeNamed();
    }
  })();
  writeFileSync(join(directory, 'tracking.log'), 'x');
  await waiting;
  expect(waiter.takeNamed()).toBe(false);
});

test('without notices it looks by itself', async () => {
  const blind = new ChangeWaiter(join(directory, 'none'), 5);
  blind.watch();
  for (let i = 0; i < 10; i++) await blind.change();
  expect(blind.takeNamed()).toBe(false);
});

test('stopping ends every wait, the present one and later ones', async () => {
  const waiting = waiter.pause(FOR_EVER);
  waiter.stop();
  await waiting;
  await waiter.pause(FOR_EVER);
  await waiter.change();
});
