import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ClickproofError, hasCode } from '../../pipeline/contracts/errors.ts';
import { cacheDirectory } from '../images/cache.ts';
import { aptInstall } from '../images/tools.ts';
import { connectEngine, type Engine } from './connect.ts';
import { DAEMON_SOCKET, readDaemonState, removeDaemonState, writeDaemonState } from './daemon-state.ts';
import { isAlive, processIdentity } from './process-identity.ts';

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT = 60_000;
const POLL_MS = 100;
const LOG_LINES = 15;

export interface DaemonOptions {
  /** Installs Docker by apt if it is missing. */
  readonly install: boolean;
  readonly say: (line: string) => void;
}

/**
 * The engine that answers, else a Docker daemon started for it, as root, on machines that have no service manager to do that.
 * It goes on running until `stopDaemon`.
 *
 * @throws ClickproofError what `connectEngine` throws where nobody but the user can mend it; ENGINE_NOT_ANSWERING, ENGINE_DIED, ENGINE_NOT_READY
 */
export async function ensureEngine(options: DaemonOptions): Promise<Engine> {
  try {
    return await connectEngine();
  } catch (error) {
    if (!isAbsent(error) || process.getuid?.() !== 0 || process.env.DOCKER_HOST) throw error;
  }
  await requireNoDaemon();
  return startDaemon(options);
}

/** Whether nobody listens there. One that is only slow to answer would lose its socket to another. */
export function isAbsent(error: unknown): boolean {
  if (hasCode(error, 'ENGINE_NOT_FOUND')) return true;
  return hasCode(error, 'ENGINE_NOT_ANSWERING') && hasCode((error as Error).cause, 'ECONNREFUSED');
}

/** @throws ClickproofError ENGINE_NOT_ANSWERING when an engine that was started here runs: its socket is not to be taken away */
export async function requireNoDaemon(): Promise<void> {
  const state = await readDaemonState();
  if (state === undefined || !isAlive(state.identity)) return;
  throw new ClickproofError(
    'ENGINE_NOT_ANSWERING',
    `the container engine that was started here (process ${state.pid}) runs, but does not answer`,
    { remedy: 'wait for it, or end it: npm run engine -- stop' },
  );
}

async function startDaemon({ install, say }: DaemonOptions): Promise<Engine> {
  const cache = join(cacheDirectory(), 'engine');
  await mkdir(cache, { recursive: true });
  // Each start gets directories of its own: what a killed engine left in its old ones keeps the next one from starting. Images and
  // containers stay. The path is short, as sockets are made below it.
  const directory = await mkdtemp(join(tmpdir(), 'cp-engine-'));
  const logFile = join(directory, 'dockerd.log');
  const launch = async () => {
    const log = await open(logFile, 'a');
    try {
      return await spawnDaemon(
        [
          ['--data-root', join(cache, 'data')],
          ['--exec-root', join(directory, 'exec')],
          ['--pidfile', join(directory, 'dockerd.pid')],
          ['--host', `unix://${DAEMON_SOCKET}`],
          // Ports of containers are for this machine only.
          ['--ip', '127.0.0.1'],
        ].flat(),
        log.fd,
      );
    } finally {
      await log.close();
    }
  };
  say('starting a container engine (dockerd)');
  let pid: number;
  try {
    pid = await launch();
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    if (!install) {
      await rm(directory, { recursive: true });
      throw new ClickproofError('ENGINE_NOT_FOUND', 'no container engine is installed', {
        remedy: 'apt-get install --no-install-recommends docker.io, or run this command with --install',
        cause: error,
      });
    }
    say('installing docker.io by apt');
    await aptInstall(['docker.io']);
    pid = await launch();
  }
  const identity = processIdentity(pid);
  await writeDaemonState({ identity, pid, directory });
  return untilReady(identity, logFile);
}

/**
 * Stops the engine that `ensureEngine` started, and with it its containers.
 *
 * @returns false when there was none
 */
export async function stopDaemon(): Promise<boolean> {
  const state = await readDaemonState();
  if (!state) return false;
  if (isAlive(state.identity)) process.kill(state.pid, 'SIGTERM');
  const deadline = Date.now() + STOP_TIMEOUT;
  while (isAlive(state.identity) && Date.now() < deadline) await sleep(POLL_MS);
  if (isAlive(state.identity)) process.kill(state.pid, 'SIGKILL');
  await unmountBelow(state.directory);
  await rm(state.directory, { recursive: true, force: true });
  await removeDaemonState();
  return true;
}

/** An engine that was killed leaves its containers' file systems and network namespaces mounted; innermost first. */
async function unmountBelow(directory: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  const below = mounts.filter((path) => path.startsWith(`${directory}/`)).sort((a, b) => b.length - a.length);
  for (const path of below) await promisify(execFile)('umount', ['--lazy', path]).catch(() => {});
}

async function spawnDaemon(args: readonly string[], log: number): Promise<number> {
  const child = spawn('dockerd', args, { detached: true, stdio: ['ignore', log, log] });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once('spawn', resolve);
  child.once('error', reject);
  await promise;
  child.unref();
  return child.pid!;
}

async function untilReady(identity: string, logFile: string): Promise<Engine> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    try {
      return await connectEngine();
    } catch (cause) {
      const dead = !isAlive(identity);
      if (!dead && Date.now() < deadline) {
        await sleep(POLL_MS);
        continue;
      }
      const log = (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-LOG_LINES).join('\n  | ');
      await stopDaemon();
      throw new ClickproofError(
        dead ? 'ENGINE_DIED' : 'ENGINE_NOT_READY',
        `the container engine ${dead ? 'ended at once' : 'did not get ready'}; the end of its log:\n  | ${log}`,
        {
          remedy:
            'it needs root, control groups, overlay file systems and iptables; or set DOCKER_HOST to another one',
          cause,
        },
      );
    }
  }
}
