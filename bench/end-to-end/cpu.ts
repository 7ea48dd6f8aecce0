import { processUsage } from '../../containers/process-usage.ts';
import type { Stack } from '../../containers/stack.ts';
import type { MeasuredStack } from './measured-stack.ts';

/** CPU seconds by process, the simulator's (this one's) included, and by server container. */
export type CpuSeconds = ReadonlyMap<string, number>;

export async function cpuSeconds(
  stack: Pick<Stack, 'pids'>,
  servers: MeasuredStack['servers'],
): Promise<CpuSeconds> {
  const inContainers = [...(await servers())].map(([name, { cpuSeconds }]) => [name, cpuSeconds] as const);
  const pids = [...stack.pids(), ['simulator', process.pid] as const];
  return new Map([
    ...pids.map(([role, pid]) => [role, processUsage(pid)?.cpuSeconds ?? 0] as const),
    ...inContainers,
  ]);
}

/** What each event cost between two looks, by process, the dearest first. */
export function cpuPerEvent(
  before: CpuSeconds,
  after: CpuSeconds,
  events: number,
): { role: string; microseconds: number }[] {
  return [...after]
    .map(([role, seconds]) => ({
      role,
      microseconds: ((seconds - (before.get(role) ?? 0)) * 1e6) / events,
    }))
    .sort((a, b) => b.microseconds - a.microseconds);
}
