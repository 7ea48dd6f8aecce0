import type { ClickHouseConnection } from './connections.ts';
import type { Stack } from './stack.ts';

/** A stack whose processes and servers are this machine's own, so that they can be made to fail, and be looked at while they do. */
export interface ControlledStack extends Stack {
  readonly clickhouse: ClickHouseConnection;
  readonly accessLog: string;
  /** Toxiproxy, where its proxies stand between the roles and their servers: `role-server` names each, `host:port` is its own end. */
  readonly network?: { readonly apiUrl: string; readonly proxies: Readonly<Record<string, string>> };
  stats(role: string): Promise<Readonly<Record<string, unknown>>>;
  /** Sends a signal to a role's process. A role killed like this stays down until `start`. */
  kill(role: string, signal: NodeJS.Signals): Promise<void>;
  /** Starts a role that is down; with more environment for this once, e.g. fail points. */
  start(role: string, environment?: Readonly<Record<string, string>>): Promise<void>;
  /** The servers beside the roles that can be named in the same way. */
  readonly servers: readonly string[];
  /** Offsets written to the topics so far, all together: cheap, so that it can be asked again and again. */
  written(): Promise<number>;
  /** Whether a role or a server runs, by the operating system's or the engine's account, not its own. */
  state(name: string): Promise<ProcessState>;
  /** Lets it finish what it has in hand and end. It stays down until `start`. */
  halt(name: string): Promise<void>;
  /** Stops it where it is: SIGSTOP; a server with all its processes at once. */
  pause(name: string): Promise<void>;
  /** Lets one that was stopped go on. */
  resume(name: string): Promise<void>;
  /** The end of what each server has said, by its name. Roles write files in the data directory, under `logs/`. */
  serverLogs(): Promise<Readonly<Record<string, string>>>;
}

export interface ProcessState {
  readonly status: 'running' | 'stopped' | 'down';
  /** Tells one start of it from the next: a process id, or when a container was started. Undefined while it is down. */
  readonly incarnation?: string;
  /** Of one that is down: it was ended by SIGKILL, which for one that was to end by itself means that it took too long. */
  readonly killed?: boolean;
}

/** What can be done to a server of a stack. */
export interface ServerHandle extends Record<'halt' | 'pause' | 'resume' | 'start', () => Promise<void>> {
  kill(signal: NodeJS.Signals): Promise<void>;
  state(): Promise<ProcessState>;
  logs(): Promise<string>;
}
