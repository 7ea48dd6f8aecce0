import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it, vi } from 'vitest';
import { RolesOfThreads } from './roles-of-threads.ts';

it('ends what other threads have started, also what stands still, and leaves alone what has ended', async () => {
  using roles = new RolesOfThreads();
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  child.kill('SIGSTOP');
  const kill = vi.spyOn(process, 'kill');
  const module = new URL('roles-of-threads.ts', import.meta.url).href;
  const thread = new Worker(
    `import('${module}').then(({ tellThreads }) => {
      tellThreads(${process.pid}, true);
      tellThreads(${process.pid}, false);
      tellThreads(${child.pid}, true);
    })`,
    { eval: true },
  );
  await once(thread, 'exit');
  const ended = once(child, 'exit');
  await vi.waitFor(() => {
    roles.kill();
    expect(kill).toHaveBeenCalled();
  }, 30_000);
  const [, signal] = await ended;
  expect(signal).toBe('SIGKILL');
  expect(kill.mock.calls.map(([pid]) => pid)).not.toContain(process.pid);
});
