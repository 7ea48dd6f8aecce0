import { readFileSync } from 'node:fs';

/** What a process has used so far; undefined where the system does not tell (only Linux's /proc is read). */
export interface ProcessUsage {
  /** The most memory it had in RAM at a time, bytes. */
  readonly peakMemoryBytes: number;
  readonly memoryBytes: number;
  readonly cpuSeconds: number;
}

/** Linux counts CPU time in ticks of 1/100 s for user space, whatever the kernel's own rate. */
const TICKS_PER_SECOND = 100;

export function processUsage(pid: number): ProcessUsage | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
    // The second field is the command in parentheses and may hold spaces; utime and stime are fields 14 and 15.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return {
      peakMemoryBytes: kilobytes('VmHWM') * 1024,
      memoryBytes: kilobytes('VmRSS') * 1024,
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    };
  } catch {
    return undefined;
  }
}
