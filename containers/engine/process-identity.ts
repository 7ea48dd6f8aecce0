import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * `host:pid:start:namespace` of a process: unlike a bare process id it is never taken for another's, nor for one of another container of
 * the same host's name.
 */
export function processIdentity(pid: number = process.pid): string {
  return `${hostname()}:${pid}:${startTime(pid) ?? ''}:${namespace()}`;
}

/** Whether the process runs; undefined when it is another machine's or container's. */
export function isAlive(identity: string): boolean | undefined {
  const [host, pid, start, where = namespace()] = identity.split(':');
  if (host !== hostname() || where !== namespace()) return undefined;
  const number = Number(pid);
  if (!Number.isInteger(number) || number <= 0) return false;
  try {
    process.kill(number, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return (startTime(number) ?? '') === start;
}

/** In which this process's ids are counted; empty where there is no /proc. */
function namespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
  } catch {
    return '';
  }
}

/** When it started, in the kernel's ticks; undefined where there is no /proc. A zombie counts as gone. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name, in parentheses, may hold anything; the fields are counted from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
