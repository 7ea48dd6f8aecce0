import { processUsage } from '../../containers/process-usage.ts';

/** What share of the time a process was on a core meanwhile; undefined where the system does not tell. */
export async function busyShare<T>(
  pid: number,
  work: () => Promise<T>,
): Promise<{ result: T; share: number | undefined }> {
  const before = processUsage(pid);
  const began = performance.now();
  const result = await work();
  const seconds = (performance.now() - began) / 1000;
  const after = processUsage(pid);
  return {
    result,
    share: before && after ? (after.cpuSeconds - before.cpuSeconds) / seconds : undefined,
  };
}
