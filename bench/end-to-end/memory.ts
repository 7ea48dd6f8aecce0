import { setTimeout as sleep } from 'node:timers/promises';
import { processUsage } from '../../containers/process-usage.ts';
import type { Stack } from '../../containers/stack.ts';

const MINUTE_MS = 60_000;
const LOOKS_PER_MINUTE = 12;

/** The memory of a minute: the median of its looks, MB by process. */
export type MemoryMinute = ReadonlyMap<string, number>;

/** Looks at the memory of all processes for some minutes; `onMinute` is told of each that is over. */
export async function watchMemory(
  stack: Stack,
  minutes: number,
  options: { signal: AbortSignal; onMinute: (minute: number, memory: MemoryMinute) => void },
): Promise<MemoryMinute[]> {
  const found: MemoryMinute[] = [];
  for (let minute = 1; minute <= minutes && !options.signal.aborted; minute++) {
    const looks = new Map<string, number[]>();
    for (let look = 0; look < LOOKS_PER_MINUTE && !options.signal.aborted; look++) {
      await sleep(MINUTE_MS / LOOKS_PER_MINUTE, undefined, { signal: options.signal }).catch(() => {});
      for (const [role, pid] of [...stack.pids(), ['simulator', process.pid] as const]) {
        const usage = processUsage(pid);
        if (usage) looks.set(role, [...(looks.get(role) ?? []), usage.memoryBytes / 1e6]);
      }
    }
    const medians = new Map([...looks].map(([role, megabytes]) => [role, middle(megabytes)]));
    found.push(medians);
    options.onMinute(minute, medians);
  }
  return found;
}

export const total = (memory: MemoryMinute): number =>
  [...memory.values()].reduce((sum, one) => sum + one, 0);

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
