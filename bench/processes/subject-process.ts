import { type ChildProcess, spawn } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { Measured } from '../benchmark.ts';
import type { HotSpot } from '../profile/hot-spots.ts';
import type { SubjectName } from '../subjects/index.ts';
import { onCore } from './cores.ts';
import type { RunMessage, SubjectMessage } from './subject.ts';

const self = fileURLToPath(import.meta.url);
/** Source or compiled, whichever this is. */
const MAIN = fileURLToPath(new URL(`./subject-main${extname(self)}`, import.meta.url));

/** A subject in a process of its own: a fresh heap, one core, nobody else's garbage. */
export class SubjectProcess<Task = void, Outcome extends Measured = Measured> {
  readonly #name: string;
  readonly #child: ChildProcess;
  #answer = Promise.withResolvers<SubjectMessage>();

  private constructor(name: string, child: ChildProcess) {
    this.#name = name;
    this.#child = child;
    child.on('message', (message: SubjectMessage) => this.#answer.resolve(message));
    child.on('error', (error) => this.#answer.resolve({ type: 'failed', message: error.message }));
    child.on('exit', (code, signal) =>
      this.#answer.resolve({ type: 'failed', message: `it ended with ${signal ?? `code ${code}`}` }),
    );
  }

  /** @param core runs on this core only, where that is possible */
  static async start<Task = void, Outcome extends Measured = Measured>(
    name: SubjectName,
    settings: unknown,
    core?: number,
  ): Promise<SubjectProcess<Task, Outcome>> {
    const node = [process.execPath, MAIN, name, JSON.stringify(settings)];
    const [command, ...args] = core === undefined ? node : onCore(core, node);
    const child = spawn(command!, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const started = new SubjectProcess<Task, Outcome>(name, child);
    await started.#next();
    return started;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  async run(task: Task): Promise<Outcome> {
    return (await this.#ask(task, false)).measured;
  }

  /** Runs it once more and looks where the time goes. The looking costs time itself, so what it measures does not count. */
  async profile(task: Task): Promise<readonly HotSpot[]> {
    return (await this.#ask(task, true)).hotSpots;
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  async #ask(task: Task, profile: boolean) {
    this.#answer = Promise.withResolvers();
    const message: RunMessage = { type: 'run', task, profile };
    this.#child.send(message);
    const answer = await this.#next();
    if (answer.type !== 'done') throw this.#failure('it did not do what it was told to');
    return { measured: answer.measured as Outcome, hotSpots: answer.hotSpots };
  }

  async #next(): Promise<SubjectMessage> {
    const answer = await this.#answer.promise;
    if (answer.type === 'failed') throw this.#failure(answer.message);
    return answer;
  }

  #failure(why: string): ClickproofError {
    return new ClickproofError('BENCH_FAILED', `the process measured for ${this.#name}: ${why}`);
  }
}
