import type { TimelineSample } from '../../reports/result.ts';

/** Records that the groups have not committed yet, all together. */
export const behind = ({ lag }: TimelineSample): number =>
  Object.values(lag).reduce((sum, one) => sum + one, 0);

/** The largest lag, in events, in the last third of the time in which something was sent: a queue that grows shows there. */
export function mostBehind(timeline: readonly TimelineSample[]): number {
  const sent = timeline.map(({ counts }) => counts.sent ?? 0);
  const end = sent.indexOf(Math.max(0, ...sent));
  return Math.max(0, ...timeline.slice(Math.floor((end * 2) / 3), end + 1).map(behind));
}
