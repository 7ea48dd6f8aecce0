import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startEmbeddedStack } from './stack.ts';

const FAKE = fileURLToPath(new URL('../roles/testing/fake-role.ts', import.meta.url));

async function fakeStack(role: string, starts: string) {
  const folder = await mkdtemp(join(tmpdir(), 'clickproof-stack-'));
  const count = join(folder, 'starts');
  const stack = await startEmbeddedStack({
    dataDir: join(folder, 'data'),
    clickproof: [process.execPath, FAKE],
    environment: { [role]: { FAKE_STARTS: starts, FAKE_COUNT: count } },
  });
  onTestFinished(async () => {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return { stack, starts: async () => (await readFile(count)).length };
}

it('starts a role again until it comes up, however often that fails', async () => {
  const { stack, starts } = await fakeStack('shipper', 'die fail fail fail ready');
  await vi.waitUntil(async () => (await starts()) === 5, { timeout: 20_000 });
  await vi.waitUntil(() => stack.pids().has('shipper'));
  expect(stack.restarts.map(({ role }) => role)).toEqual(['shipper', 'shipper', 'shipper', 'shipper']);
});

it('gives no process id of a process that is gone: it may be another one by now', async () => {
  const { stack } = await fakeStack('shipper', 'ready');
  expect(stack.pids().has('shipper')).toBe(true);
  await stack.kill('shipper', 'SIGKILL');
  expect(stack.pids().has('shipper')).toBe(false);
  await stack.start('shipper');
  expect(stack.pids().has('shipper')).toBe(true);
});
