import { readdirSync, readFileSync } from 'node:fs';
import { processUsage } from '../process-usage.ts';
import type { Engine } from './connect.ts';
import { RUN_LABEL } from './sweep.ts';

/** What a container has used so far. */
export interface ContainerUsage {
  readonly cpuSeconds: number;
  /** What it has now, bytes, without file caches that can be given back. */
  readonly memoryBytes: number;
}

/** Name of the processes of Docker that carry each byte between a port of this machine and a container. */
export const PORT_FORWARDING = 'docker-proxy';

/**
 * What the containers of a run have used, all their processes together, by the name of the server; and what the engine's own processes
 * took to forward their ports, where it has such and they can be seen.
 */
export async function containerUsage(
  { docker }: Engine,
  run: string,
): Promise<ReadonlyMap<string, ContainerUsage>> {
  const containers = await docker.listContainers({ filters: { label: [`${RUN_LABEL}=${run}`] } });
  const usage = await Promise.all(
    containers.map(async ({ Id, Names }) => {
      const { cpu_stats, memory_stats } = await docker
        .getContainer(Id)
        .stats({ stream: false, 'one-shot': true });
      const { usage = 0, stats } = memory_stats;
      const cache = (stats as { inactive_file?: number } | undefined)?.inactive_file ?? 0;
      return [
        (Names[0] ?? Id).replace(`/clickproof-${run}-`, ''),
        { cpuSeconds: cpu_stats.cpu_usage.total_usage / 1e9, memoryBytes: usage - cache },
      ] as const;
    }),
  );
  const ports = containers.flatMap(({ Ports }) => Ports.flatMap(({ PublicPort }) => PublicPort ?? []));
  const forwarding = forwarders(new Set(ports));
  return new Map(forwarding ? [...usage, [PORT_FORWARDING, forwarding]] : usage);
}

/** The engine's processes that listen on these ports of this machine; undefined where there are none. */
function forwarders(ports: ReadonlySet<number>): ContainerUsage | undefined {
  const found = processes().flatMap((pid) => {
    const port = /docker-proxy\0(?:.*\0)?-host-port\0(\d+)\0/.exec(commandLine(pid))?.[1];
    return port !== undefined && ports.has(Number(port)) ? (processUsage(pid) ?? []) : [];
  });
  if (found.length === 0) return undefined;
  const sum = (of: 'cpuSeconds' | 'memoryBytes') => found.reduce((total, one) => total + one[of], 0);
  return { cpuSeconds: sum('cpuSeconds'), memoryBytes: sum('memoryBytes') };
}

function processes(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
