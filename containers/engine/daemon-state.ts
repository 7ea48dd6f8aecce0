import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from '../images/cache.ts';
import { isAlive } from './process-identity.ts';

/** Where an engine that this project starts listens. */
export const DAEMON_SOCKET = '/var/run/docker.sock';

/** What is kept of an engine that this project started, to stop it again. */
export interface DaemonState {
  readonly identity: string;
  readonly pid: number;
  /** Its runtime files; gone after the stop. */
  readonly directory: string;
}

export async function readDaemonState(): Promise<DaemonState | undefined> {
  try {
    return JSON.parse(await readFile(stateFile(), 'utf8')) as DaemonState;
  } catch {
    return undefined;
  }
}

export async function writeDaemonState(state: DaemonState): Promise<void> {
  await writeFile(stateFile(), JSON.stringify(state));
}

export async function removeDaemonState(): Promise<void> {
  await rm(stateFile(), { force: true });
}

/** Whether the engine of an endpoint is one that this project started: on this machine, and for it alone. */
export async function isOwnDaemon(endpoint: string): Promise<boolean> {
  if (endpoint !== `unix://${DAEMON_SOCKET}`) return false;
  const state = await readDaemonState();
  return state !== undefined && isAlive(state.identity) === true;
}

function stateFile(): string {
  return join(cacheDirectory(), 'engine', 'daemon.json');
}
