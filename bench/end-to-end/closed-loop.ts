import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProfileEntry } from '../../reports/result.ts';
import type { BenchContext } from '../benchmark.ts';
import { profileInto, writtenProfiles } from '../profile/written.ts';
import { arrivedAt } from './arrived.ts';
import type { MeasuredStack, StackKind } from './measured-stack.ts';
import { type ProbeResult, probe } from './probe.ts';

/** A closed loop over a new stack, and what its servers have in memory at the end of it, bytes by name. */
export async function closedLoop(
  context: BenchContext,
  kind: StackKind,
  seed: number,
): Promise<ProbeResult & { readonly serverMemory: ReadonlyMap<string, number> }> {
  const [warmUpSeconds, seconds] = context.quick ? [3, 5] : [kind.warmUpSeconds, 20];
  return onNewStack(context, kind, context.clickproof, async (measured) => {
    const result = await probe(probed(measured), { warmUpSeconds, seconds, seed });
    const usage = [...(await measured.servers())];
    return { ...result, serverMemory: new Map(usage.map(([name, { memoryBytes }]) => [name, memoryBytes])) };
  });
}

/** One more closed loop with V8's profiler in every process of ours. */
export async function profiledLoop(context: BenchContext, kind: StackKind): Promise<ProfileEntry[]> {
  const folder = await mkdtemp(join(context.scratch, 'profiles-'));
  const [node, ...rest] = context.clickproof;
  const clickproof = [node!, ...profileInto(folder), ...rest];
  const names = await onNewStack(context, kind, clickproof, async (measured) => {
    const pids = new Map([...measured.stack.pids()].map(([role, pid]) => [pid, role]));
    await probe(probed(measured), { warmUpSeconds: 5, seconds: 10, seed: 1 });
    return pids;
  });
  const written = await writtenProfiles(folder, (pid) => names.get(pid));
  return written.flatMap(({ process, hotSpots }) => hotSpots.map((spot) => ({ process, ...spot })));
}

async function onNewStack<T>(
  { scratch }: BenchContext,
  kind: StackKind,
  clickproof: readonly string[],
  work: (measured: MeasuredStack) => Promise<T>,
): Promise<T> {
  const dataDir = await mkdtemp(join(scratch, 'stack-'));
  const measured = await kind.start({ dataDir, clickproof });
  try {
    return await work(measured);
  } finally {
    await measured.stack.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const probed = ({ stack, servers }: MeasuredStack) => ({
  stack,
  servers,
  arrived: () => arrivedAt(stack.clickhouse),
});
