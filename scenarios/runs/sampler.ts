import { processUsage } from '../../containers/process-usage.ts';
import type { Stack, StackProgress } from '../../containers/stack.ts';
import type { ProcessResult, TimelineSample } from '../../reports/result.ts';

/** Rates over less than this are noise. */
const LEAST_SECONDS = 0.9;

/** To ask the kernel what a process shares with others takes it milliseconds, in which the generator stands still. */
const LOOK_EVERY = 5;

/** Looks at a run from outside, once a second: what is where, and what the processes use. */
export class Sampler {
  readonly #stack: Stack;
  readonly #began = performance.now();
  readonly #usage = new Map<string, ProcessResult>();
  readonly timeline: TimelineSample[] = [];
  /** The most memory that all processes had at one time. */
  peakMemoryBytes = 0;

  constructor(stack: Stack) {
    this.#stack = stack;
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
      ...(Object.keys(memory).length > 0 && { memory }),
    });
    return now;
  }

  /** Memory by process, bytes. */
  #look(): Record<string, number> {
    const memory: Record<string, number> = {};
    let together = 0;
    for (const [role, pid] of [...this.#stack.pids(), ['simulator', process.pid] as const]) {
      const usage = processUsage(pid);
      if (!usage) continue;
      memory[role] = usage.memoryBytes;
      together += usage.memoryBytes;
      const before = this.#usage.get(role)?.peakMemoryBytes ?? 0;
      this.#usage.set(role, {
        role,
        peakMemoryBytes: Math.max(before, usage.peakMemoryBytes),
        cpuSeconds: usage.cpuSeconds,
      });
    }
    this.peakMemoryBytes = Math.max(this.peakMemoryBytes, together);
    return memory;
  }

  processes(): ProcessResult[] {
    this.#look();
    return [...this.#usage.values()];
  }
}
