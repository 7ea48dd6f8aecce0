import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { connectEngine } from './connect.ts';
import { isAbsent, requireNoDaemon } from './daemon.ts';
import { writeDaemonState } from './daemon-state.ts';
import { processIdentity } from './process-identity.ts';

it('an engine is started where nobody listens', async () => {
  for (const endpoint of ['unix:///nowhere/docker.sock', 'tcp://127.0.0.1:1']) {
    const error = await connectEngine({ DOCKER_HOST: endpoint }).catch((failure: unknown) => failure);
    expect(isAbsent(error), endpoint).toBe(true);
  }
});

it.each([
  ['ENGINE_NOT_ANSWERING', 'ETIMEDOUT'],
  ['ENGINE_NOT_ANSWERING', 'ECONNRESET'],
  ['ENGINE_NOT_PERMITTED', 'EACCES'],
])('none is started in the place of one that is there: %s by %s', (code, why) => {
  const cause = Object.assign(new Error(why), { code: why });
  expect(isAbsent(new ClickproofError(code, '', { cause }))).toBe(false);
});

it('none is started while one that was started here runs', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'clickproof-daemon-'));
  vi.stubEnv('XDG_CACHE_HOME', cache);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(cache, { recursive: true });
  });
  await requireNoDaemon();
  mkdirSync(join(cache, 'clickproof', 'engine'), { recursive: true });
  const directory = join(cache, 'none');
  await writeDaemonState({ identity: processIdentity(), pid: process.pid, directory });
  await expect(requireNoDaemon()).rejects.toMatchObject({
    code: 'ENGINE_NOT_ANSWERING',
    remedy: expect.stringContaining('npm run engine -- stop'),
  });
  const [host, pid] = processIdentity().split(':');
  await writeDaemonState({ identity: `${host}:${pid}:1`, pid: process.pid, directory });
  await requireNoDaemon();
});
