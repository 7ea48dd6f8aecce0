import { type BenchOptions, missingEngine, runBench } from '../../bench/index.ts';
import { writeReport } from '../../reports/write.ts';
import { workBegins } from '../begun.ts';
import { Interrupt } from '../interrupt.ts';
import { CLICKPROOF } from '../self.ts';
import { removeStarted } from './remove-started.ts';

/**
 * Runs the benchmarks and writes what they found.
 *
 * @throws ClickproofError ENGINE_… where something that needs one was asked for by name
 * @returns the exit code: 0 unless events were not accounted for; a missed aim is a result, no failure
 */
export async function runBenchAsAsked(
  options: Omit<BenchOptions, 'clickproof' | 'missingEngine' | 'signal' | 'say'> & { readonly json: boolean },
): Promise<number> {
  const say = (line: string) => void (options.json || console.error(line));
  using interrupt = new Interrupt(
    () => say('finishes the measurement in hand; Ctrl-C once more to stop at once'),
    removeStarted,
  );
  const missing = await missingEngine(options.only);
  workBegins();
  const result = await runBench({
    ...options,
    clickproof: CLICKPROOF,
    missingEngine: missing,
    signal: interrupt.signal,
    say,
  });
  const files = await writeReport(options.out, result);
  if (options.json) console.log(JSON.stringify(result));
  else console.log(`report  ${files.html}\nresult  ${files.json}`);
  return result.verdict === 'fail' ? 1 : 0;
}
