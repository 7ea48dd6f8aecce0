import { type ProcessUsage, processUsage } from '../../containers/process-usage.ts';
import type { Stack, StackProgress } from '../../containers/stack.ts';
import type { ProcessResult, TimelineSample } from '../../reports/result.ts';

/** Rates over less than this are noise. */
const LEAST_SECONDS = 0.9;

/** To ask the kernel what a process shares with others takes it milliseconds, in which the generator stands still. */
const LOOK_EVERY = 5;

/** What the processes of a role have used: the one that is there, and those before it. */
interface RoleUsage {
  readonly pid: number;
  readonly peakMemoryBytes: number;
  readonly cpuSeconds: number;
  readonly earlierSeconds: number;
}

/** Looks at a run from outside, once a second: what is where, and what the processes use. */
export class Sampler {
  readonly #stack: Pick<Stack, 'progress' | 'pids'>;
  readonly #began = performance.now();
  readonly #usageOf: (pid: number) => ProcessUsage | undefined;
  readonly #usage = new Map<string, RoleUsage>();
  readonly timeline: TimelineSample[] = [];
  /** The most memory that all processes had at one time. */
  peakMemoryBytes = 0;

  /** @param usageOf what a process has used; by default, what the system says */
  constructor(stack: Pick<Stack, 'progress' | 'pids'>, usageOf = processUsage) {
    this.#stack = stack;
    this.#usageOf = usageOf;
  }

  /** Takes a sample; `sent` is what the generator has sent so far, events. */
  async sample(sent: number, progress?: StackProgress): Promise<StackProgress> {
    const now = progress ?? (await this.#stack.progress());
    const at = (performance.now() - this.#began) / 1000;
    if (at - (this.timeline.at(-1)?.at ?? Number.NEGATIVE_INFINITY) < LEAST_SECONDS) return now;
    const memory = this.timeline.length % LOOK_EVERY === 0 ? this.#look() : {};
    this.timeline.push({
      at,
      counts: { sent, ...now.records },
      lag: now.lag,
      unshippedBytes: now.unshippedBytes,
      ...(Object.keys(memory).length > 0 && { memory }),
    });
    return now;
  }

  /** Memory by process, bytes. */
  #look(): Record<string, number> {
    const memory: Record<string, number> = {};
    let together = 0;
    for (const [role, pid] of [...this.#stack.pids(), ['simulator', process.pid] as const]) {
      const usage = this.#usageOf(pid);
      if (!usage) continue;
      memory[role] = usage.memoryBytes;
      together += usage.memoryBytes;
      const before = this.#usage.get(role);
      const isAnother = before !== undefined && before.pid !== pid;
      this.#usage.set(role, {
        pid,
        peakMemoryBytes: Math.max(before?.peakMemoryBytes ?? 0, usage.peakMemoryBytes),
        // What one that died had used since the last look nobody can tell any more.
        earlierSeconds: (before?.earlierSeconds ?? 0) + (isAnother ? before.cpuSeconds : 0),
        cpuSeconds: usage.cpuSeconds,
      });
    }
    this.peakMemoryBytes = Math.max(this.peakMemoryBytes, together);
    return memory;
  }

  processes(): ProcessResult[] {
    this.#look();
    return [...this.#usage].map(([role, { peakMemoryBytes, earlierSeconds, cpuSeconds }]) => {
      return { role, peakMemoryBytes, cpuSeconds: earlierSeconds + cpuSeconds };
    });
  }
}
