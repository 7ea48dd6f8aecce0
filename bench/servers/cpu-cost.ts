import { containerUsage, type Engine } from '../../containers/engine/index.ts';
import { processUsage } from '../../containers/process-usage.ts';
import { estimate } from '../statistics/estimate.ts';

/** CPU time for each of what was done, microseconds, by process and server. */
export type CpuCost = ReadonlyMap<string, number>;

/** What the containers of a run spend on something, and a process where there is one. */
export async function costOf<T extends { readonly count: number }>(
  work: () => Promise<T>,
  { engine, run, process }: { engine: Engine; run: string; process?: { name: string; pid: number } },
): Promise<{ measured: T; cost: CpuCost }> {
  const look = async () =>
    new Map([
      ...(process ? [[process.name, processUsage(process.pid)?.cpuSeconds ?? 0] as const] : []),
      ...[...(await containerUsage(engine, run))].map(
        ([server, { cpuSeconds }]) => [server, cpuSeconds] as const,
      ),
    ]);
  const before = await look();
  const measured = await work();
  const after = await look();
  const cost = [...after].map(
    ([of, seconds]) => [of, ((seconds - (before.get(of) ?? 0)) * 1e6) / measured.count] as const,
  );
  return { measured, cost: new Map(cost) };
}

/** The median of each part over some replicates, the dearest first. */
export function medianCosts(costs: readonly CpuCost[]): { role: string; microseconds: number }[] {
  return [...(costs[0]?.keys() ?? [])]
    .map((role) => ({ role, microseconds: estimate(costs.map((one) => one.get(role) ?? 0)).median }))
    .sort((a, b) => b.microseconds - a.microseconds);
}
