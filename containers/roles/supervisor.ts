import { setTimeout as delay } from 'node:timers/promises';
import type { RoleRestart } from '../stack.ts';
import { timedStart } from '../timed-start.ts';
import type { RoleProcess } from './process.ts';
import { stagesOfRole } from './stages-of-role.ts';

/** Of all roles together: 20 of one take a minute and a half. */
const MOST_RESTARTS = 20;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** In the order of the data, so that each finishes before what it feeds. */
const STOP_ORDER = [
  'collector',
  'shipper',
  'parser',
  'flattener',
  'persister',
  'clickhouse-sink',
  'elasticsearch-sink',
  'clickhouse',
];

/** Watches over the processes of a stack: starts them, starts again those that end by themselves, stops them in the order of the data. */
export class Supervisor {
  readonly restarts: RoleRestart[] = [];
  readonly #processes: RoleProcess[] = [];
  readonly #stopping = new AbortController();
  readonly #restart: boolean;

  /** @param restart start a process again when it ends by itself, or leave it down */
  constructor(restart: boolean) {
    this.#restart = restart;
  }

  get names(): readonly string[] {
    return this.#processes.map(({ name }) => name);
  }

  /** The process of a role, by its own name or that of one of its stages. */
  find(name: string): RoleProcess | undefined {
    return this.#processes.find((process) => process.name === name || process.name.split('+').includes(name));
  }

  pids(): Map<string, number> {
    return new Map(
      this.#processes.flatMap(({ name, pid }) => (pid === undefined ? [] : [[name, pid] as const])),
    );
  }

  /** Starts these at once. @throws ClickproofError when one does not start; the others are left as they are. */
  async start(processes: readonly RoleProcess[]): Promise<void> {
    for (const process of processes) this.#watch(process);
    const results = await Promise.allSettled(
      processes.map((process) => timedStart(process.name, () => process.start())),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  /** Lets each finish what it has in hand. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const process of [...this.#processes].sort((a, b) => stopOrder(a.name) - stopOrder(b.name)))
      await process.stop();
  }

  #watch(process: RoleProcess): void {
    process.onUnexpectedExit = ({ code, signal, message }) => {
      if (this.#stopping.signal.aborted) return;
      const how = message ?? (signal ? `ended by ${signal}` : `ended with code ${code}`);
      this.restarts.push({ role: process.name, at: Date.now(), how });
      if (this.#restart) void this.#startAgain(process);
    };
    this.#processes.push(process);
  }

  /** What keeps a role from starting may pass (ClickHouse is away, the disk is full): tries on, waiting ever longer. */
  async #startAgain(process: RoleProcess): Promise<void> {
    const { signal } = this.#stopping;
    while (this.restarts.length <= MOST_RESTARTS) {
      const times = this.restarts.filter((restart) => restart.role === process.name).length;
      const pause = times === 1 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (times - 2));
      await delay(pause, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        await process.start();
        return;
      } catch (error) {
        this.restarts.push({ role: process.name, at: Date.now(), how: String(error) });
      }
    }
  }
}

function stopOrder(name: string): number {
  return STOP_ORDER.indexOf(stagesOfRole(name)[0]!);
}
