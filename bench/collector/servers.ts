import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../containers/roles/free-port.ts';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import { MEASURED_CORE, onCore } from '../processes/cores.ts';
import { profileInto } from '../profile/written.ts';
import { nginxConfig } from './nginx-config.ts';

/** A server under load, on one core. */
export interface Server {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 15_000;

/** @param profiles where it leaves a profile when it ends */
export async function startCollectorServer(
  clickproof: readonly string[],
  folder: string,
  profiles?: string,
): Promise<Server> {
  const port = await freePort();
  const [node, ...rest] = clickproof;
  const looking = profiles === undefined ? [] : profileInto(profiles);
  const log = join(folder, 'collector.log');
  return serve('collector', port, [
    node!,
    ...looking,
    ...rest,
    ...[
      'collector',
      '--port',
      String(port),
      '--access-log',
      log,
      '--rotate-size',
      '1GB',
      '--rotate-keep',
      '1',
    ],
  ]);
}

export async function startBareServer(folder: string): Promise<Server> {
  const port = await freePort();
  const self = fileURLToPath(import.meta.url);
  const main = fileURLToPath(new URL(`./bare-server${extname(self)}`, import.meta.url));
  return serve('bare node:http server', port, [
    process.execPath,
    main,
    String(port),
    join(folder, 'bare.log'),
  ]);
}

export async function startNginx(folder: string): Promise<Server> {
  const port = await freePort();
  const home = join(folder, 'nginx');
  await mkdir(home, { recursive: true });
  const config = join(home, 'nginx.conf');
  await writeFile(config, nginxConfig({ home, port }));
  return serve('nginx', port, ['nginx', '-c', config, '-p', home, '-e', join(home, 'error.log')]);
}

/** The version of the Nginx installed here; undefined where there is none. */
export function nginxVersion(): string | undefined {
  const { status, stderr } = spawnSync('nginx', ['-v'], { encoding: 'utf8' });
  return status === 0 ? /nginx\/([\d.]+)/.exec(stderr)?.[1] : undefined;
}

async function serve(name: string, port: number, command: readonly string[]): Promise<Server> {
  const [executable, ...args] = onCore(MEASURED_CORE, command);
  const child = spawn(executable!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2_000);
  });
  const ended = new Promise<void>((resolve) => {
    child.on('exit', () => resolve());
    child.on('error', (error) => {
      said += error.message;
      resolve();
    });
  });
  for (const until = performance.now() + READY_WITHIN_MS; !(await listens(port)); ) {
    if (hasEnded(child) || performance.now() > until) {
      child.kill('SIGKILL');
      throw new ClickproofError('BENCH_FAILED', `${name} did not start to serve: ${said.trim()}`);
    }
    await sleep(50);
  }
  return {
    pid: child.pid!,
    port,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
