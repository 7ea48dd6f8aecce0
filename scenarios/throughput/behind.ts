import type { TimelineSample } from '../../reports/result.ts';

/** What a line of the access log takes about, bytes: turns unshipped bytes into records. */
const LINE_BYTES = 3_000;

/** What is under way behind the collector, in records about: lines not shipped, and what the groups have not committed yet, all together. */
export function behind({ lag, unshippedBytes = 0 }: Pick<TimelineSample, 'lag' | 'unshippedBytes'>): number {
  return Object.values(lag).reduce((sum, one) => sum + one, Math.round(unshippedBytes / LINE_BYTES));
}

/** The most that was under way in the last third of the time in which something was sent: a queue that grows shows there. */
export function mostBehind(timeline: readonly TimelineSample[]): number {
  const sent = timeline.map(({ counts }) => counts.sent ?? 0);
  const end = sent.indexOf(Math.max(0, ...sent));
  return Math.max(0, ...timeline.slice(Math.floor((end * 2) / 3), end + 1).map(behind));
}
