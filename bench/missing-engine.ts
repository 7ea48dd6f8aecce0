import { connectEngine } from '../containers/engine/index.ts';
import { ClickproofError } from '../pipeline/contracts/errors.ts';
import { type BenchmarkName, NEED_AN_ENGINE } from './catalogue.ts';

/**
 * Why what needs servers is to be left out; undefined where a container engine answers, or none is needed.
 *
 * @param only the benchmarks asked for; all when empty
 * @throws ClickproofError ENGINE_… where one that needs it was asked for by name
 */
export async function missingEngine(only: readonly BenchmarkName[]): Promise<string | undefined> {
  const named = only.some((name) => NEED_AN_ENGINE.includes(name));
  // The shipper is measured beside Filebeat where that can be had.
  if (only.length > 0 && !named && !only.includes('shipper')) return undefined;
  try {
    await connectEngine();
    return undefined;
  } catch (error) {
    if (named || !(error instanceof ClickproofError)) throw error;
    return `${error.message}${error.remedy ? ` (${error.remedy})` : ''}`;
  }
}
