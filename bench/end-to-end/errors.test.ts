import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { probe } from './probe.ts';
import { runAt } from './verify.ts';

const NOTHING = { servers: async () => new Map(), arrived: async () => 0 };
const SHORT = { warmUpSeconds: 0.05, seconds: 0.2, seed: 1 };

async function collector(): Promise<string> {
  const server = createServer((_, answer) => void answer.end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a closed loop in which nothing arrives has no figure', async () => {
  const progress = async () => ({ records: {}, lag: {}, behind: {}, unshippedBytes: 0 });
  const stack = { progress, pids: () => new Map(), collectorUrl: await collector() };
  await expect(probe({ stack, ...NOTHING }, SHORT)).rejects.toMatchObject({
    code: 'RUN_FAILED',
    message: 'the closed loop: nothing came to ClickHouse in 0.2 s',
  });
});

test('a closed loop that cannot be looked at any more says why', async () => {
  let looks = 0;
  const stack = {
    collectorUrl: await collector(),
    pids: () => new Map(),
    progress: async () => {
      if (++looks > 2) throw new Error('the event log is gone');
      return { records: {}, lag: {}, behind: {}, unshippedBytes: 0 };
    },
  };
  await expect(probe({ stack, ...NOTHING }, { ...SHORT, warmUpSeconds: 10 })).rejects.toThrow(
    'the event log is gone',
  );
});

test.each([
  ['that cannot be started', ['/nowhere/node'], 'could not be started: spawn /nowhere/node ENOENT'],
  ['without a result', [process.execPath, '-e', 'process.exit(3)', '--'], 'ended with code 3'],
  [
    'that is killed',
    [process.execPath, '-e', 'process.kill(process.pid, 9)', '--'],
    'ended with code SIGKILL',
  ],
])('a checked run %s is named', async (_, clickproof, said) => {
  const out = mkdtempSync(join(tmpdir(), 'bench-errors-'));
  onTestFinished(() => rmSync(out, { recursive: true }));
  const { signal } = new AbortController();
  await expect(
    runAt(100, 1, { out, clickproof, signal }, { folder: 'end-to-end', flags: [] }, { seed: 1 }),
  ).rejects.toMatchObject({
    code: 'RUN_FAILED',
    message: expect.stringContaining(said),
  });
});
