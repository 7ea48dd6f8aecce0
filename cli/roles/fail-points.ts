import type { FailPoint } from '../../pipeline/stages/failpoints.ts';
import type { Ports } from './ports.ts';

/**
 * For tests only: the fail points named in the environment variable CLICKPROOF_FAIL_POINTS, separated by spaces, e.g.
 * `persister.commit:after@3=kill`, which kills the process the third time that its persister has committed. A stage is
 * called there as on the command line. Undefined, and nothing is wrapped, when there are none.
 *
 * @throws ClickproofError USAGE
 */
export async function failPoints(environment: NodeJS.ProcessEnv = process.env): Promise<Ports | undefined> {
  const text = environment.CLICKPROOF_FAIL_POINTS?.trim();
  if (!text) return undefined;
  const { failingLog, failingStore, parseFailPoint } = await import('../../pipeline/stages/failpoints.ts');
  const points = text.split(/\s+/).map(parseFailPoint);
  const fail: FailPoint = async (reached) => {
    for (const point of points) await point(reached);
  };
  return {
    log: (log, stage) => failingLog(log, stage, fail),
    store: (store, stage) => failingStore(store, stage, fail),
  };
}
