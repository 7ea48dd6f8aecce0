import { join } from 'node:path';
import { ClickproofError } from '../../pipeline/contracts/errors.ts';
import type { BenchContext } from '../benchmark.ts';
import type { StackKind } from './measured-stack.ts';
import { type CheckedRun, runAt } from './verify.ts';

/** What is verified first, of what the closed loop did; traffic comes in bursts. */
const FIRST_TRY = 0.9;
const NEXT_TRY = 0.8;
const MOST_TRIES = 4;

export interface SearchResult {
  readonly run: CheckedRun;
  /** What it was asked to do, events a second. */
  readonly rate: number;
  /** What was not sustained, a sentence each. */
  readonly tried: readonly string[];
}

/**
 * The highest rate that a checked run sustains, from a little below what the closed loop did downwards.
 *
 * @throws ClickproofError RUN_FAILED, NOT_EXACT
 */
export async function highestSustained(
  context: BenchContext,
  kind: StackKind,
  most: number,
): Promise<SearchResult> {
  const { quick, signal, say } = context;
  // Its last third is what tells whether a queue grows.
  const seconds = quick ? 6 : 2 * kind.warmUpSeconds;
  const tried: string[] = [];
  let rate = quick ? most * FIRST_TRY * NEXT_TRY : most * FIRST_TRY;
  for (let attempt = 1; ; attempt++) {
    say(`${kind.folder}: ${Math.round(rate)} events/s for ${seconds} s, every hop checked`);
    const run = await runAt(rate, seconds, context, kind, { seed: 100 + attempt });
    if (run.sustained) return { run, rate, tried };
    tried.push(`not sustained at ${Math.round(rate)} events/s: ${run.why}`);
    if (attempt === (quick ? 1 : MOST_TRIES) || signal.aborted) return { run, rate, tried };
    say(`${kind.folder}: ${tried.at(-1)}`);
    if (run.result.verdict === 'fail') {
      throw new ClickproofError(
        'NOT_EXACT',
        `at ${Math.round(rate)} events/s events were not accounted for`,
        { remedy: `look at ${join(context.out, kind.folder)} and run: ${context.reproduce}` },
      );
    }
    rate *= NEXT_TRY;
  }
}
