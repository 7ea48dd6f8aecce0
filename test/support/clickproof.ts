import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const BIN = fileURLToPath(new URL('../../cli/bin.js', import.meta.url));

/** How a command ended and what it said. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
  /** The Node that runs the command; the tests' own unless given. */
  readonly node?: string;
  readonly bin?: string;
  /** A process group of its own, as a shell gives to what is typed. */
  readonly detached?: boolean;
}

/** A directory that is removed after the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'clickproof-cli-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}

/** `clickproof` as a command of its own that runs until the test ends at the latest. */
export class Clickproof {
  readonly #child: ChildProcess;
  readonly #ended: Promise<Outcome>;
  stdout = '';
  stderr = '';
  #changed = Promise.withResolvers<void>();

  constructor(args: readonly string[], surroundings: Surroundings = {}) {
    const { cwd, env = {}, input, node = process.execPath, bin = BIN, detached = false } = surroundings;
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(CLICKPROOF_|VITEST|NODE_|CI$)/.test(name),
    );
    const child = spawn(node, [bin, ...args], {
      cwd: cwd ?? temporaryDirectory(),
      env: { ...Object.fromEntries(inherited), ...env },
      detached,
    });
    this.#child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#said('stdout', text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#said('stderr', text));
    // A command that ends without having read all of its input closes the pipe.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    this.#ended = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => {
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
        this.#changed.resolve();
      });
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Resolves when it has ended and all it said has been read. */
  ended(): Promise<Outcome> {
    return this.#ended;
  }

  /** Resolves when it has said something that fits. @throws when it ends without */
  async says(pattern: RegExp, stream: 'stdout' | 'stderr' = 'stderr'): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this[stream]);
      if (match) return match;
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        await this.#ended;
        const last = pattern.exec(this[stream]);
        if (last) return last;
        throw new Error(`ended without saying ${pattern}; it said:\n${this.stdout}${this.stderr}`);
      }
      await this.#changed.promise;
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Lets a role finish what it has in hand. */
  async stop(): Promise<Outcome> {
    this.signal('SIGTERM');
    return this.#ended;
  }

  #said(stream: 'stdout' | 'stderr', text: string): void {
    this[stream] += text;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** Runs a command to its end. */
export function clickproof(args: readonly string[], surroundings: Surroundings = {}): Promise<Outcome> {
  return new Clickproof(args, surroundings).ended();
}

/** Starts a role and waits until it is ready. */
export async function startRole(
  args: readonly string[],
  surroundings: Surroundings = {},
): Promise<Clickproof & { url: string }> {
  const role = new Clickproof(args, surroundings);
  const [, url = ''] = await role.says(/ is ready(?: url=(\S+))?\n/);
  return Object.assign(role, { url });
}
