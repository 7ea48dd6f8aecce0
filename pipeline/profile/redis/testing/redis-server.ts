import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from 'vitest';
import { hostPorts } from '../../../../containers/definitions/host-ports.ts';
import { silent } from '../../../contracts/running.ts';
import { serversRequired } from '../../../contracts/testing/servers-required.ts';
import { openRedisProfileStore, redisStoreSettings } from '../../redis-store.ts';
import { profileRule } from '../../rules.ts';

/** What lets values have a time to live. */
const EXPIRING = profileRule.parse({ name: 'page', field: 'event-page_url', keep: 'last', expiry: 'visit' });

const PROGRAM = process.env.CLICKPROOF_REDIS_SERVER ?? 'redis-server';

function installed(): boolean {
  try {
    execFileSync(PROGRAM, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const skipped = !installed() && !serversRequired();

/** Tests that need a real Redis: skipped where there is none, unless servers are required. */
export function describeRedis(name: string, tests: () => void): void {
  describe.skipIf(skipped)(
    skipped ? `${name} (skipped: no redis-server here; apt-get install redis-server)` : name,
    tests,
  );
}

/** A redis-server of a test's own: a child process on a free port of the loopback, in a directory of its own. */
export class RedisServer {
  readonly directory = mkdtempSync(join(tmpdir(), 'clickproof-redis-'));
  readonly port: number;
  readonly #options: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(port: number, options: readonly string[]) {
    this.port = port;
    this.#options = options;
  }

  /** @param options as on the command line: `['--maxmemory', '10mb']` */
  static async start(options: readonly string[] = []): Promise<RedisServer> {
    for (let attempt = 1; ; attempt++) {
      const server = new RedisServer((await hostPorts(1))[0]!, options);
      try {
        await server.start();
        return server;
      } catch (error) {
        await server.close();
        // Somebody else may have taken the port meanwhile.
        if (attempt === 3) throw error;
      }
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** The end of the append-only file, where what was written last is. */
  get appendOnlyFile(): string {
    const directory = join(this.directory, 'appendonlydir');
    const files = existsSync(directory) ? readdirSync(directory) : [];
    return join(
      directory,
      files
        .filter((name) => name.endsWith('.incr.aof'))
        .toSorted()
        .at(-1)!,
    );
  }

  /** Starts it again, on the same port and directory. */
  async start(): Promise<void> {
    const child = spawn(
      PROGRAM,
      [
        ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.directory],
        ['--appendonly', 'yes', '--save', '', '--daemonize', 'no', ...this.#options],
      ].flat(),
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    let output = '';
    child.stdout!.on('data', (text) => {
      output = (output + text).slice(-2_000);
    });
    this.#process = child;
    for (const deadline = Date.now() + 20_000; !(await answers(this.port)); await sleep(5)) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`no Redis:\n${output}`);
    }
  }

  /** Ends it and waits until it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  /** It hangs, or goes on: connections stay. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process?.kill(signal);
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** A store on it. */
  store(topic = 'tracking_flattened', settings: object = {}, diagnostics = silent) {
    return openRedisProfileStore({
      settings: redisStoreSettings.parse({ redisUrl: this.url, ...settings }),
      topic,
      rules: [EXPIRING],
      retentionMs: 86_400_000,
      diagnostics,
    });
  }
}

/** It answers PING; while it reads its files it answers otherwise. */
function answers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
  socket.once('data', (text) => resolve(/^(\+PONG|-NOAUTH)/.test(`${text}`)));
  socket.once('error', () => resolve(false));
  socket.once('close', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
