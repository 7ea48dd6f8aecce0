import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A function and the share of the busy time that was spent in itself, what it called left out. */
export interface HotSpot {
  readonly function: string;
  /** File and line; empty for what has none, as the garbage collector. */
  readonly where: string;
  /** 0 to 1. */
  readonly share: number;
}

/** What V8's profiler writes, as far as it is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  readonly samples?: readonly number[];
  readonly timeDeltas?: readonly number[];
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The functions that took the most of the busy time, the most first. */
export function hotSpots(profile: CpuProfile, most = 12): HotSpot[] {
  const times = new Map<number, number>();
  for (const [i, node] of (profile.samples ?? []).entries()) {
    times.set(node, (times.get(node) ?? 0) + (profile.timeDeltas?.[i] ?? 0));
  }
  const found = new Map<string, { function: string; where: string; time: number }>();
  let busy = 0;
  for (const { id, callFrame } of profile.nodes) {
    const time = times.get(id) ?? 0;
    if (time <= 0 || callFrame.functionName === '(idle)') continue;
    busy += time;
    const spot = { function: callFrame.functionName || '(anonymous)', where: place(callFrame), time };
    const key = `${spot.function} ${spot.where}`;
    const before = found.get(key);
    if (before) before.time += time;
    else found.set(key, spot);
  }
  return [...found.values()]
    .sort((a, b) => b.time - a.time)
    .slice(0, most)
    .map(({ time, ...spot }) => ({ ...spot, share: time / busy }));
}

function place({ url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  if (url === '') return '';
  const path = url.startsWith('file:') ? relative(ROOT, fileURLToPath(url)) : url;
  return `${path}:${lineNumber + 1}`;
}
