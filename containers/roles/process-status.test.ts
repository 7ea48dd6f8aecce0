import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { processStatus } from './process-status.ts';

async function becomes(pid: number, status: string): Promise<void> {
  while ((await processStatus(pid)) !== status) await sleep(5);
}

it('tells a process that runs from one that is stopped and one that is gone', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const pid = child.pid!;
  await becomes(pid, 'running');
  child.kill('SIGSTOP');
  await becomes(pid, 'stopped');
  child.kill('SIGCONT');
  await becomes(pid, 'running');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await processStatus(pid)).toBe('down');
});
