import type { MetricResult, Verdict } from '../../reports/result.ts';
import { metricReasons } from '../metrics/compare-metrics.ts';

/** A verdict and why it is none better. */
export interface Judged {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
}

/** What a role counts; undefined where its process is somebody else's. */
type Stats = Readonly<Record<string, unknown>> | undefined;

/**
 * What the persisters say of themselves, taken into account: they remember so many lines and events only, and count those that they gave
 * up while repeats of them were still to be expected. Then what was counted once may be so by luck.
 *
 * @param stats as `stack.stats` gives them, of each process that is one
 */
export function withPersisterDoubts(judged: Judged, stats: readonly Stats[]): Judged {
  const evictions = stats.filter((one) => one !== undefined).map(recentEvictions);
  const all = evictions.reduce(
    (sum, one) => (one === undefined || sum === undefined ? undefined : sum + one),
    0,
  );
  const doubt = doubtOf(all);
  if (doubt === undefined) return judged;
  const verdict = judged.verdict === 'fail' ? 'fail' : 'unknown';
  return { verdict, reasons: [...judged.reasons, doubt] };
}

/** A pipeline that counts what is not there, or not what is, has failed, whatever became of the events. */
export function withMetrics<Proven extends Judged>(proven: Proven, metrics: readonly MetricResult[]): Proven {
  const differ = metricReasons(metrics);
  return differ.length === 0
    ? proven
    : { ...proven, verdict: 'fail', reasons: [...proven.reasons, ...differ] };
}

function doubtOf(evictions: number | undefined): string | undefined {
  if (evictions === undefined)
    return 'the persister did not say whether it remembered enough to tell repeats apart';
  if (evictions === 0) return undefined;
  return `the persister gave up ${evictions} entries of its dedupe windows too soon to tell every repeat apart: raise --partition-window or --visitor-window`;
}

/** Processes name what they count by stage. */
function recentEvictions(stats: NonNullable<Stats>): number | undefined {
  const { folded } = (stats.persister ?? {}) as { folded?: { recentEvictions?: number } };
  return folded?.recentEvictions;
}
