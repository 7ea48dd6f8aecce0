import { freemem } from 'node:os';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { Engine } from '../engine/index.ts';

/** What Kafka, Redis, Elasticsearch and ClickHouse take when they have started. With less the kernel ends one of them, now or under load. */
const NEEDED_BYTES = 2 * 1024 ** 3;

/** Memory that containers can get. `free`: undefined where the engine's machine is not this one. */
export interface EngineMemory {
  readonly total: number;
  readonly free: number | undefined;
}

/** Asks the engine for its machine's memory, and this machine how much of it is free, if that is the same. */
export async function engineMemory({ docker, endpoint }: Engine): Promise<EngineMemory> {
  const { MemTotal: total } = (await docker.info()) as { MemTotal: number };
  // Elsewhere than on Linux a socket leads into a virtual machine.
  const here = process.platform === 'linux' && endpoint.startsWith('unix://');
  return { total, free: here ? freemem() : undefined };
}

/** @throws ClickproofError MEMORY_TOO_SMALL */
export function requireMemory({ total, free }: EngineMemory): void {
  if (Math.min(total, free ?? total) >= NEEDED_BYTES) return;
  const gigabytes = (bytes: number) => (bytes / 1024 ** 3).toFixed(1);
  const there =
    free !== undefined && free < total
      ? `${gigabytes(free)} GiB of ${gigabytes(total)} are free`
      : `the engine has ${gigabytes(total)} GiB`;
  throw new ClickproofError(
    'MEMORY_TOO_SMALL',
    `the servers take about ${gigabytes(NEEDED_BYTES)} GiB of memory; ${there}`,
    { remedy: 'end what else takes memory, or give the engine more; without servers: --stack embedded' },
  );
}
