import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { ProcessState } from '../controlled-stack.ts';
import { processStatus } from './process-status.ts';
import type { FailedMessage, RoleMessage } from './role-messages.ts';
import { tellThreads } from './roles-of-threads.ts';

/** How a role is started: `clickproof` as a command, its arguments, and the file that takes what it says. */
export interface RoleCommand {
  readonly name: string;
  /** Executable and first arguments that are `clickproof` itself. */
  readonly clickproof: readonly string[];
  readonly args: readonly string[];
  readonly logFile: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * A pipeline is half a dozen processes beside whatever else a machine has to do: small young generations and few malloc arenas keep
 * each a third smaller, for some per cent of CPU time under load.
 */
const THRIFTY = { NODE_OPTIONS: '--max-semi-space-size=8 --max-old-space-size=512', MALLOC_ARENA_MAX: '2' };

/** Roles that are up: none may outlive the process that watches over them, however that ends. */
const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/**
 * The environment without settings of single roles: what is proven is the pipeline as it is by default, which the oracle knows. And without
 * npm's: whom npm started is the supervisor.
 */
function surroundings(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(CLICKPROOF|npm)_/.test(name)));
}

/** Longer than any role waits by itself, a minute for Kafka and one for its other server, so that it is heard why it gave up. */
const READY_WITHIN_MS = 150_000;
const STOP_WITHIN_MS = 20_000;

/** One process of a stack: started, asked, killed and started again by its supervisor. */
export class RoleProcess {
  readonly name: string;
  readonly #command: RoleCommand;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #stopping = false;
  #failure: FailedMessage | undefined;
  #url: string | undefined;
  #statsId = 0;
  readonly #statsWaiting = new Map<number, (stats: Readonly<Record<string, unknown>>) => void>();
  /** Called when the process ends without having been told to. */
  onUnexpectedExit: (how: { code: number | null; signal: NodeJS.Signals | null; message?: string }) => void =
    () => {};

  constructor(command: RoleCommand) {
    this.name = command.name;
    this.#command = command;
  }

  /** Undefined while it is down: the number may be another process's by now. */
  get pid(): number | undefined {
    const child = this.#child;
    return child?.exitCode === null && child.signalCode === null ? child.pid : undefined;
  }

  async state(): Promise<ProcessState> {
    const pid = this.#child?.pid;
    const status = pid === undefined ? 'down' : await processStatus(pid);
    if (status === 'down') return { status, killed: this.#child?.signalCode === 'SIGKILL' };
    return { status, incarnation: String(pid) };
  }

  /** Where it serves, once it is ready. */
  get url(): string {
    if (this.#url === undefined) throw new Error(`${this.name} serves no URL`);
    return this.#url;
  }

  /**
   * Starts the process and waits until it says that it is ready.
   *
   * @param more environment of this one start
   */
  async start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    const { clickproof, args, logFile, environment } = this.#command;
    const log = openSync(logFile, 'a');
    const child = spawn(clickproof[0]!, [...clickproof.slice(1), ...args], {
      stdio: ['ignore', log, log, 'ipc'],
      env: { ...THRIFTY, ...surroundings(), ...environment, ...more },
      // A process group of its own: Ctrl-C reaches the supervisor alone, which then stops the roles in their order.
      detached: true,
    });
    alive.add(child);
    tellThreads(child.pid, true);
    closeSync(log);
    this.#child = child;
    this.#stopping = false;
    this.#failure = undefined;
    const exited = Promise.withResolvers<void>();
    const ready = Promise.withResolvers<void>();
    this.#exited = exited.promise;
    const timer = setTimeout(
      () => ready.reject(this.#startError(`was not ready after ${READY_WITHIN_MS / 1000} s`)),
      READY_WITHIN_MS,
    );
    let isReady = false;
    child.on('error', (error) => {
      alive.delete(child);
      ready.reject(this.#startError(error.message));
    });
    child.on('message', (message: RoleMessage) => {
      if (message.type === 'ready') {
        isReady = true;
        this.#url = message.url;
        ready.resolve();
      } else if (message.type === 'failed') this.#failure = message;
      else if (message.type === 'stats') this.#answer(message.id, message.stats);
    });
    child.on('exit', (code, signal) => {
      alive.delete(child);
      tellThreads(child.pid, false);
      for (const id of this.#statsWaiting.keys()) this.#answer(id, {});
      exited.resolve();
      ready.reject(this.#startError(signal ? `was ended by ${signal}` : `ended with code ${code}`));
      if (isReady && !this.#stopping) {
        this.onUnexpectedExit({ code, signal, ...(this.#failure && { message: this.#failure.message }) });
      }
    });
    try {
      await ready.promise;
    } catch (error) {
      this.#stopping = true;
      child.kill('SIGKILL');
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** What the role counts; empty when it is not there to answer. */
  async stats(): Promise<Readonly<Record<string, unknown>>> {
    const child = this.#child;
    if (!child?.connected) return {};
    const id = ++this.#statsId;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answer(id, {}), 5_000);
      this.#statsWaiting.set(id, (stats) => {
        clearTimeout(timer);
        resolve(stats);
      });
      child.send({ type: 'stats', id }, (error) => error && this.#answer(id, {}));
    });
  }

  #answer(id: number, stats: Readonly<Record<string, unknown>>): void {
    this.#statsWaiting.get(id)?.(stats);
    this.#statsWaiting.delete(id);
  }

  /** Tells the role to rotate its log. */
  reopen(): void {
    if (this.#child?.connected) this.#child.send({ type: 'reopen' });
  }

  /** Sends a signal; after SIGKILL it waits for the end. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    if (signal === 'SIGKILL') this.#stopping = true;
    this.#child?.kill(signal);
    if (signal === 'SIGKILL') await this.#exited;
  }

  /** Lets it finish what it has in hand; kills it when that takes too long. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    this.#stopping = true;
    // One that was stopped by a signal hears nothing.
    child.kill('SIGCONT');
    if (child.connected) child.send({ type: 'stop' }, () => {});
    else child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #startError(why: string): ClickproofError {
    const failure = this.#failure;
    if (failure && failure.code !== 'UNEXPECTED') {
      return new ClickproofError(failure.code, `${this.name}: ${failure.message}`, {
        ...(failure.remedy && { remedy: failure.remedy }),
      });
    }
    return new ClickproofError('ROLE_FAILED', `${this.name} ${why}${this.#lastLines()}`, {
      remedy: `all it said is in ${this.#command.logFile}`,
    });
  }

  #lastLines(): string {
    try {
      const lines = readFileSync(this.#command.logFile, 'utf8').trimEnd().split('\n').slice(-5);
      return lines.join('') === '' ? '' : `; its last lines:\n    ${lines.join('\n    ')}`;
    } catch {
      return '';
    }
  }
}
