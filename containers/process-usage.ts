import { readFileSync } from 'node:fs';

/** What a process has used so far; undefined where the system does not tell (only Linux's /proc is read). */
export interface ProcessUsage {
  /** The most memory it had in RAM at a time, bytes. */
  readonly peakMemoryBytes: number;
  /**
   * What it has now: its proportional set size, in which pages shared with other processes (the Node executable, for one) count by
   * share, so that several processes can be added up.
   */
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
      memoryBytes: proportionalSetSize(pid) ?? kilobytes('VmRSS') * 1024,
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    };
  } catch {
    return undefined;
  }
}

/** Bytes; undefined where the kernel does not tell, or not this user. */
function proportionalSetSize(pid: number): number | undefined {
  try {
    const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
