import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { isAlive, processIdentity } from '../engine/process-identity.ts';
import { run } from './program.ts';

const shell = (script: string) => run('sh', ['-c', script]);

it('gives what a program wrote', async () => {
  expect(await shell('echo out; echo err >&2')).toBe('out\n');
});

it.each([
  ['PROGRAM_FAILED', 'echo "it is broken" >&2; exit 3', /ended with 3:\n {2}\| it is broken/],
  ['REGISTRY_UNREACHABLE', 'echo "Could not transfer artifact a:b"; exit 1', /registry/],
  ['REGISTRY_UNREACHABLE', 'echo "dial tcp: lookup proxy: no such host"; exit 1', /registry/],
  ['REGISTRY_UNREACHABLE', 'echo "npm error code ENOTFOUND"; exit 1', /registry/],
  ['DISK_FULL', 'echo "write: no space left on device"; exit 1', /no space/],
])('says what went wrong: %s', async (code, script, message) => {
  await expect(shell(script)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

it('says what is not installed', async () => {
  await expect(run('clickproof-no-such-program', [])).rejects.toMatchObject({
    code: 'PROGRAM_MISSING',
    remedy: expect.stringContaining('--install'),
  });
});

it('can be broken off', async () => {
  const stopped = new AbortController();
  const running = run('sleep', ['60'], { signal: stopped.signal });
  stopped.abort();
  await expect(running).rejects.toThrow(/abort/i);
});

it('broken off it has ended, and so has all that it started', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clickproof-program-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const stopped = new AbortController();
  // As debootstrap does: the work is done by a child, and the end takes a moment.
  const script =
    'trap "sleep 0.2; touch ended; exit 1" TERM; sh -c "echo \\$\\$ >child; exec sleep 60" & wait';
  const running = run('sh', ['-c', script], { cwd: folder, signal: stopped.signal });
  running.catch(() => {});
  const child = await vi.waitFor(
    () => Number(readFileSync(join(folder, 'child'), 'utf8').trim() || assert.fail()),
    { timeout: 20_000 },
  );
  const identity = processIdentity(child);
  expect(isAlive(identity)).toBe(true);
  stopped.abort();
  await expect(running).rejects.toThrow(/abort/i);
  expect(existsSync(join(folder, 'ended'))).toBe(true);
  expect(isAlive(identity)).toBe(false);
});
