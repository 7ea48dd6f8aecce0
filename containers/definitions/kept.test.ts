import { expect, it, onTestFinished } from 'vitest';
import type { ImageId } from '../images/names.ts';
import { engineForTests, testRun } from '../testing/engine.ts';
import { ensureImage } from './ensure-image.ts';
import { addressesOf, keepUp, keptServers, takeDown } from './kept.ts';

const { engine, why } = await engineForTests();

it.skipIf(!engine)(`servers that are kept up are found again, and taken down by name ${why}`, async () => {
  const run = testRun('kept');
  const { signal } = new AbortController();
  onTestFinished(async () => {
    await takeDown(run);
  });
  expect(await keptServers(run)).toEqual([]);
  expect(await keepUp(signal, run)).toEqual({ started: true });

  const servers = await keptServers(run);
  for (const { name, standIn } of servers) {
    expect(standIn, name).toBe((await ensureImage(engine!, name as ImageId)).standIn);
  }
  const { elasticsearch, clickhouse } = addressesOf(servers);
  expect((await fetch(`http://${elasticsearch}/`)).status).toBe(200);
  expect(await (await fetch(`http://${clickhouse}/ping`)).text()).toBe('Ok.\n');
  expect(await keepUp(signal, run)).toEqual({ started: false });

  await engine!.docker.getContainer(`clickproof-${run}-redis`).kill();
  await expect(keepUp(signal, run)).rejects.toMatchObject({
    code: 'STACK_DAMAGED',
    message: 'of the stack that was kept up, redis is down',
  });
  expect(await takeDown(run)).toHaveLength(5);
  expect(await keptServers(run)).toEqual([]);
});

it.skipIf(!engine)(`a start that is given up leaves nothing behind ${why}`, async () => {
  const run = testRun('given-up');
  const givingUp = new AbortController();
  const starting = keepUp(givingUp.signal, run);
  starting.catch(() => {});
  while ((await keptServers(run)).length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  givingUp.abort(new Error('given up'));
  await expect(starting).rejects.toThrow('given up');
  expect(await keptServers(run)).toEqual([]);
  const networks = await engine!.docker.listNetworks({ filters: { name: [`clickproof-${run}`] } });
  expect(networks).toEqual([]);
});
