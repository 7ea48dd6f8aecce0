/**
 * A thread's handlers of the end of its process are not called when another thread ends that: roles that it started would outlive it, for ever
 * where they stand still. So each thread says which it has.
 */
const CHANNEL = 'clickproof-roles';

interface Said {
  readonly pid: number;
  readonly alive: boolean;
}

const channel = new BroadcastChannel(CHANNEL);
channel.unref();

/** Says that a role has been started, or has ended. */
export function tellThreads(pid: number | undefined, alive: boolean): void {
  if (pid !== undefined) channel.postMessage({ pid, alive } satisfies Said);
}

/** Knows the roles that other threads of this process have started. */
export class RolesOfThreads {
  readonly #pids = new Set<number>();
  readonly #channel = new BroadcastChannel(CHANNEL);

  constructor() {
    this.#channel.unref();
    this.#channel.onmessage = (message: { data: unknown }) => {
      const { pid, alive } = message.data as Said;
      if (alive) this.#pids.add(pid);
      else this.#pids.delete(pid);
    };
  }

  /** Ends them all at once. */
  kill(): void {
    for (const pid of this.#pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has just ended by itself.
      }
    }
  }

  [Symbol.dispose](): void {
    this.#channel.close();
  }
}
