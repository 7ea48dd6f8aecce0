import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { ClickproofError } from '../pipeline/contracts/errors.ts';

/** So many lines that are no results are kept, for an error message. */
const KEPT_LINES = 15;
/** k6 ends at once when it is interrupted; if not, it is killed. */
const PATIENCE_MS = 20_000;
/** Exit code of k6 after a signal. */
const ABORTED = 105;

/** One `k6 run`, in a process group of its own, so that Ctrl-C in a terminal reaches it through us only. */
export class K6Process {
  readonly #child: ChildProcessByStdio<null, null, Readable>;
  readonly #exit: Promise<number | Error>;
  readonly #remembered: string[] = [];
  readonly #onExit = () => this.kill();
  #interrupted = false;
  #killing: NodeJS.Timeout | undefined;

  /** @param environment what the script finds in `__ENV` */
  constructor(program: string, script: string, environment: Readonly<Record<string, string>>) {
    const variables = Object.entries(environment).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    const flags = ['--quiet', '--no-usage-report', '--log-format', 'raw', '--log-output', 'stderr'];
    // Without an address it opens no port of its own.
    const args = ['run', ...flags, '--address', '', ...variables, script];
    this.#child = spawn(program, args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    const { promise, resolve } = Promise.withResolvers<number | Error>();
    this.#child.on('error', resolve);
    this.#child.on('close', (code) => resolve(code ?? -1));
    this.#exit = promise;
    process.on('exit', this.#onExit);
  }

  /** What it says, line by line, to its end. */
  lines(): AsyncIterable<string> {
    return createInterface({ input: this.#child.stderr, crlfDelay: Number.POSITIVE_INFINITY });
  }

  /** Keeps a line that is for people, in case k6 fails. */
  remember(line: string): void {
    if (line.trim() === '') return;
    this.#remembered.push(line);
    if (this.#remembered.length > KEPT_LINES) this.#remembered.shift();
  }

  /** Asks it to stop sending and to end. */
  interrupt(): void {
    if (this.#interrupted) return;
    this.#interrupted = true;
    this.#child.kill('SIGINT');
    this.#killing = setTimeout(() => this.kill(), PATIENCE_MS);
  }

  /**
   * Waits for its end.
   *
   * @throws ClickproofError K6_FAILED with what it said last
   */
  async ended(): Promise<{ readonly interrupted: boolean }> {
    const code = await this.#exit;
    if (code === 0 || this.#interrupted) return { interrupted: this.#interrupted };
    if (code === ABORTED) return { interrupted: true };
    const said = this.#remembered.map((line) => `\n  | ${line}`).join('');
    throw new ClickproofError(
      'K6_FAILED',
      code instanceof Error ? `k6 could not be run: ${code.message}` : `k6 ended with ${code}:${said}`,
      { remedy: 'k6 0.57 or newer is needed, which runs TypeScript as it is' },
    );
  }

  /** Ends it at once; safe to call when it has ended. */
  kill(): void {
    clearTimeout(this.#killing);
    process.off('exit', this.#onExit);
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
  }
}
