import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '../../containers/stack.ts';
import type { MetricResult } from '../../reports/result.ts';
import type { Counted } from '../checkers/conservation.ts';
import { compareMetrics, metricReasons } from '../metrics/compare-metrics.ts';
import { type Snapshot, snapshot } from '../metrics/snapshot.ts';

/** A process counts what it has committed when it hears of it: a moment later than readers can see it. */
const CATCH_UP_MS = 2_000;
const LOOK_EVERY_MS = 50;

interface Known {
  /** What the processes counted before anything was sent. */
  readonly before: Snapshot;
  readonly counted: Counted;
  /** Places of records that the checker passed over. */
  readonly leftOut: ReadonlySet<string>;
  readonly disturbed: ReadonlySet<string>;
}

/** Compares what a drained pipeline's processes count with what the checker counted. */
export async function ownMetrics(
  stack: Stack,
  { leftOut, ...known }: Known,
): Promise<readonly MetricResult[]> {
  const until = performance.now() + CATCH_UP_MS;
  for (;;) {
    const metrics = compareMetrics({
      ...known,
      after: await snapshot(stack),
      groups: stack.groups,
      restarts: stack.restarts,
      leftOut: byTopic(leftOut, known.counted.names.failed),
    });
    if (metricReasons(metrics).length === 0 || performance.now() > until) return metrics;
    await sleep(LOOK_EVERY_MS);
  }
}

/** What became of these records may stand in the topic for failures, and is passed over there, too. */
function byTopic(places: ReadonlySet<string>, failed: string): Map<string, number> {
  const records = new Map<string, number>();
  for (const place of places) {
    for (const topic of new Set([place.slice(0, place.lastIndexOf(' ')), failed])) {
      records.set(topic, (records.get(topic) ?? 0) + 1);
    }
  }
  return records;
}
