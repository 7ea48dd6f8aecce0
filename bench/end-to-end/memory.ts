import type { TimelineSample } from '../../reports/result.ts';

/** The memory of a minute: the median of its looks, MB by process. */
export type MemoryMinute = ReadonlyMap<string, number>;

/** The memory by the minute while something was being sent; the last minute only where it is a whole one. */
export function memoryByMinute(timeline: readonly TimelineSample[]): MemoryMinute[] {
  const sent = timeline.map(({ counts }) => counts.sent ?? 0);
  const sending = timeline.slice(0, sent.indexOf(Math.max(0, ...sent)) + 1);
  const minutes: Map<string, number[]>[] = [];
  for (const { at, memory } of sending) {
    if (memory === undefined) continue;
    minutes[Math.floor(at / 60)] ??= new Map();
    const minute = minutes[Math.floor(at / 60)]!;
    for (const [role, bytes] of Object.entries(memory)) {
      minute.set(role, [...(minute.get(role) ?? []), bytes / 1e6]);
    }
  }
  const whole = Math.floor(((sending.at(-1)?.at ?? 0) + SAMPLE_SECONDS) / 60);
  return minutes
    .slice(0, whole)
    .map((minute) => new Map([...minute].map(([role, megabytes]) => [role, middle(megabytes)])));
}

/** A run is looked at about once in so many seconds: its last look may be that much before its end. */
const SAMPLE_SECONDS = 5;

export const total = (memory: MemoryMinute): number =>
  [...memory.values()].reduce((sum, one) => sum + one, 0);

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
