import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ClickproofError } from '../contracts/errors.ts';
import type { ClickHouseServerSettings } from './settings.ts';

/** The server as a child process. */
export interface SpawnedServer {
  readonly url: string;
  readonly version: string;
  readonly process: ChildProcess;
  /** Ends it, by SIGTERM unless told otherwise, and waits until it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/**
 * Starts the server in a process of its own: a process can own one data directory in its life.
 *
 * @throws ClickproofError whatever the server could not start for.
 */
export async function spawnClickHouseServer(
  settings: Partial<ClickHouseServerSettings> & { path: string },
  stderr: 'ignore' | 'inherit' = 'ignore',
): Promise<SpawnedServer> {
  const main = fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './main.js', import.meta.url),
  );
  const child = spawn(process.execPath, [main, JSON.stringify({ port: 0, ...settings })], {
    stdio: ['ignore', 'pipe', stderr],
  });
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout! })) {
    const said = JSON.parse(line);
    if (said.error) {
      await exited;
      throw new ClickproofError(said.error.code, said.error.message, { remedy: said.error.remedy });
    }
    const kill = async (signal: NodeJS.Signals = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await exited;
    };
    return { url: said.url, version: said.version, process: child, kill };
  }
  throw new ClickproofError('SERVER_DIED', 'the ClickHouse process ended before it was ready');
}
