import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { Result } from '../../reports/result.ts';
import { mostBehind } from '../../scenarios/throughput/behind.ts';
import type { BenchContext } from '../benchmark.ts';
import type { StackKind } from './measured-stack.ts';

/** Lag of so many seconds' worth of traffic, in the last third of the run, is what bursts do; more is a queue that grows. */
const BOUNDED_SECONDS = 3;

/** Requests that leave later than this were held up for good; less is other processes' turn on the same cores, which no rate suffers from. */
const LATE_MS = 2_000;

/** A stall holds up some requests; a collector that is too slow, half of them. */
const WAITING_MS = 100;

export interface CheckedRun {
  readonly result: Result;
  /** Nothing lost, the generator kept its pace, and no queue grew. */
  readonly sustained: boolean;
  /** Why not. */
  readonly why: string;
}

/**
 * Sends traffic at a rate, open loop, through a new stack and checks every hop against the ledger: `clickproof simulate`, as
 * anybody runs it, in a process of its own.
 *
 * @throws ClickproofError RUN_FAILED it came to no result
 */
export async function runAt(
  rate: number,
  seconds: number,
  context: Pick<BenchContext, 'out' | 'clickproof' | 'signal'>,
  kind: Pick<StackKind, 'folder' | 'flags'>,
  { seed, showProgress = false }: { seed: number; showProgress?: boolean },
): Promise<CheckedRun> {
  const folder = join(context.out, kind.folder);
  await rm(folder, { recursive: true, force: true });
  const traffic = ['--rate', `${Math.round(rate)}/s`, '--duration', `${seconds}s`, '--visitors', '5000'];
  const [node, ...first] = context.clickproof;
  const args = [...first, 'simulate', ...kind.flags, ...traffic, '--seed', String(seed), '--out', folder];
  const child = spawn(node!, args, { stdio: ['ignore', 'ignore', showProgress ? 'inherit' : 'ignore'] });
  const interrupt = () => void child.kill('SIGINT');
  context.signal.addEventListener('abort', interrupt);
  const ended = await once(child, 'exit')
    .then(([code, by]: (number | string | null)[]) => `ended with code ${code ?? by}`)
    .catch((error: Error) => `could not be started: ${error.message}`)
    .finally(() => context.signal.removeEventListener('abort', interrupt));
  const result = await resultIn(folder, `clickproof ${args.slice(first.length).join(' ')} ${ended}`);
  return { result, ...judge(result, rate) };
}

async function resultIn(folder: string, what: string): Promise<Result> {
  try {
    return JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')) as Result;
  } catch (cause) {
    throw new ClickproofError('RUN_FAILED', what, {
      remedy: 'run it by itself to see what it says',
      cause,
    });
  }
}

function judge(result: Result, rate: number): { sustained: boolean; why: string } {
  if (result.verdict !== 'pass') return { sustained: false, why: `the ledger says ${result.verdict}` };
  const { dropped, lag } = result.traffic.generator;
  if (dropped > 0) return { sustained: false, why: `${dropped} requests were given up` };
  if (lag.p50 > WAITING_MS || lag.p99 > LATE_MS) {
    const late = [lag.p50, lag.p99].map((ms) => (ms / 1_000).toFixed(1));
    return { sustained: false, why: `requests left ${late[0]} s late in the median, ${late[1]} s at p99` };
  }
  const behind = mostBehind(result.timeline) / rate;
  return behind <= BOUNDED_SECONDS
    ? { sustained: true, why: '' }
    : { sustained: false, why: `it was ${behind.toFixed(1)} s behind` };
}
