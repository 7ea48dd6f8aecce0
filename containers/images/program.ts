import { type ChildProcess, spawn } from 'node:child_process';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';

export interface RunOptions {
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** What it reads; nothing unless given. */
  readonly input?: NodeJS.ReadableStream;
}

/** Output beyond this is dropped from the front: an error stands at the end. */
const KEPT = 64 * 1024;
const SHOWN_LINES = 15;
/** For a program that was told to end. */
const PATIENCE_MS = 10_000;

const NO_REGISTRY =
  /could not transfer artifact|could not resolve host|no such host|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|temporary failure (?:in name resolution|resolving)|connection refused|i\/o timeout|unable to connect|failed getting release file|TLS handshake|certificate/i;
const NO_SPACE = /no space left on device|ENOSPC|disk quota exceeded|not enough free space/i;

/**
 * Runs a program to its end and gives what it wrote to standard output. The signal ends it with all that it has started, and is only then
 * thrown: nobody writes into its directories any more.
 *
 * @throws ClickproofError PROGRAM_MISSING; REGISTRY_UNREACHABLE, DISK_FULL where its output says so, else PROGRAM_FAILED, with
 *   the last lines of the output; the signal's reason.
 */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { cwd, environment, signal, input } = options;
  signal?.throwIfAborted();
  const child = spawn(program, args, {
    ...(cwd === undefined ? {} : { cwd }),
    // A process group of its own, to be ended with its children.
    detached: signal !== undefined,
    env: { ...process.env, ...environment },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  let output = '';
  let all = '';
  const keep = (chunk: Buffer) => {
    all = `${all}${chunk}`.slice(-KEPT);
  };
  child.stdout!.on('data', (chunk: Buffer) => {
    output = `${output}${chunk}`.slice(-KEPT);
    keep(chunk);
  });
  child.stderr!.on('data', keep);
  if (input !== undefined) {
    child.stdin!.on('error', () => {}); // the program ended early; its exit code says why
    input.pipe(child.stdin!);
  }
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.on('error', reject);
  child.on('close', (code, killedBy) => resolve(code ?? (killedBy === null ? 1 : 128)));
  let killing: NodeJS.Timeout | undefined;
  const end = () => {
    endGroup(child, 'SIGTERM');
    killing = setTimeout(() => endGroup(child, 'SIGKILL'), PATIENCE_MS);
  };
  signal?.addEventListener('abort', end);
  try {
    const code = await promise;
    signal?.throwIfAborted();
    if (code === 0) return output;
    throw failure(program, args, code, all);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new ClickproofError('PROGRAM_MISSING', `the program ${program} is not installed`, {
      remedy: `install ${program}, or run the same command with --install (as root on Debian or Ubuntu)`,
      cause: error,
    });
  } finally {
    clearTimeout(killing);
    signal?.removeEventListener('abort', end);
  }
}

function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

function failure(program: string, args: readonly string[], code: number, output: string): ClickproofError {
  const tail = output.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n  | ');
  const what = `${program} ${args.slice(0, 3).join(' ')} ended with ${code}:\n  | ${tail}`;
  if (NO_SPACE.test(output)) {
    return new ClickproofError('DISK_FULL', `there is no space left on the disk: ${what}`, {
      remedy: 'free some gigabytes, or set XDG_CACHE_HOME to a larger disk',
    });
  }
  if (NO_REGISTRY.test(output)) {
    return new ClickproofError('REGISTRY_UNREACHABLE', `a package registry does not answer: ${what}`, {
      remedy: `check the network and ${program}'s own proxy or mirror settings`,
    });
  }
  return new ClickproofError('PROGRAM_FAILED', what);
}
