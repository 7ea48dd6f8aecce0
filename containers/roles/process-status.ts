import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { ProcessState } from '../controlled-stack.ts';

/** Whether a process runs, is stopped by a signal, or is gone (or only waits for its parent to hear of its end). */
export async function processStatus(pid: number): Promise<ProcessState['status']> {
  const state = (await stateInProc(pid)) ?? (await stateByPs(pid));
  if (state === '' || state.startsWith('Z') || state.startsWith('X')) return 'down';
  return /^[Tt]/.test(state) ? 'stopped' : 'running';
}

/** A letter; '' where there is no such process, undefined where the system has no /proc. */
async function stateInProc(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // Behind the command, which stands in parentheses and may hold some.
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  } catch {
    return '';
  }
}

async function stateByPs(pid: number): Promise<string> {
  try {
    return (await promisify(execFile)('ps', ['-o', 'state=', '-p', String(pid)])).stdout.trim();
  } catch {
    return '';
  }
}
