import { type ProcessUsage, processUsage } from '../../containers/process-usage.ts';
import type { Stack, StackProgress } from '../../containers/stack.ts';
import type { ProcessResult, TimelineSample } from '../../reports/result.ts';

/** Rates over less than this are noise. */
const LEAST_SECONDS = 0.9;

/** To ask the kernel what a process shares with others takes it milliseconds, in which the generator stands still. */
const LOOK_EVERY = 5;

/** What a role or a server has used: in its present incarnation, and in those before it. */
interface Usage {
  readonly incarnation: number | undefined;
  readonly peakMemoryBytes: number;
  readonly cpuSeconds: number;
  readonly earlierSeconds: number;
}

type Observed = Pick<Stack, 'progress' | 'pids' | 'serverUsage'>;

/** Looks at a run from outside, once a second: what is where, and what the processes use. */
export class Sampler {
  readonly #stack: Observed;
  readonly #began = performance.now();
  readonly #usageOf: (pid: number) => ProcessUsage | undefined;
  readonly #usage = new Map<string, Usage>();
  readonly timeline: TimelineSample[] = [];
  /** The most memory that all processes had at one time. Servers in containers are counted apart, each for itself. */
  peakMemoryBytes = 0;

  /** @param usageOf what a process has used; by default, what the system says */
  constructor(stack: Observed, usageOf = processUsage) {
    this.#stack = stack;
    this.#usageOf = usageOf;
  }

  /** Takes a sample; `sent` is what the generator has sent so far, events. */
  async sample(sent: number, progress?: StackProgress): Promise<StackProgress> {
    const now = progress ?? (await this.#stack.progress());
    const at = (performance.now() - this.#began) / 1000;
    if (at - (this.timeline.at(-1)?.at ?? Number.NEGATIVE_INFINITY) < LEAST_SECONDS) return now;
    const memory: Record<string, number> = {};
    const isLook = this.timeline.length % LOOK_EVERY === 0;
    if (isLook) this.#look(memory);
    this.timeline.push({
      at,
      counts: { sent, ...now.records },
      lag: now.lag,
      unshippedBytes: now.unshippedBytes,
      ...(Object.keys(memory).length > 0 && { memory }),
    });
    // Into the sample that is there already: the next one must not wait for the engine.
    if (isLook) await this.#lookAtServers(memory);
    return now;
  }

  /** Memory by process, bytes. */
  #look(memory: Record<string, number>): void {
    let together = 0;
    for (const [role, pid] of [...this.#stack.pids(), ['simulator', process.pid] as const]) {
      const usage = this.#usageOf(pid);
      if (!usage) continue;
      memory[role] = usage.memoryBytes;
      together += usage.memoryBytes;
      this.#take(role, pid, usage);
    }
    this.peakMemoryBytes = Math.max(this.peakMemoryBytes, together);
  }

  async #lookAtServers(memory: Record<string, number>): Promise<void> {
    for (const [name, usage] of (await this.#stack.serverUsage?.()) ?? []) {
      memory[name] = usage.memoryBytes;
      this.#take(name, undefined, { ...usage, peakMemoryBytes: usage.memoryBytes });
    }
  }

  #take(name: string, incarnation: number | undefined, usage: ProcessUsage): void {
    const before = this.#usage.get(name);
    // A container that is started again counts from nothing.
    const isAnother =
      before !== undefined && (before.incarnation !== incarnation || usage.cpuSeconds < before.cpuSeconds);
    this.#usage.set(name, {
      incarnation,
      peakMemoryBytes: Math.max(before?.peakMemoryBytes ?? 0, usage.peakMemoryBytes),
      // What one that died had used since the last look nobody can tell any more.
      earlierSeconds: (before?.earlierSeconds ?? 0) + (isAnother ? before.cpuSeconds : 0),
      cpuSeconds: usage.cpuSeconds,
    });
  }

  async processes(): Promise<ProcessResult[]> {
    this.#look({});
    await this.#lookAtServers({});
    return [...this.#usage].map(([role, { peakMemoryBytes, earlierSeconds, cpuSeconds }]) => {
      return { role, peakMemoryBytes, cpuSeconds: earlierSeconds + cpuSeconds };
    });
  }
}
