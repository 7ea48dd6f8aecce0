import type { StackProgress } from '../../containers/stack.ts';

/** What a line of the access log takes about, bytes: turns unshipped bytes into events. */
const LINE_BYTES = 3_000;

/** How many events are under way between collector and ClickHouse. */
export function backlog({ lag, unshippedBytes }: Pick<StackProgress, 'lag' | 'unshippedBytes'>): number {
  return Object.values(lag).reduce((sum, behind) => sum + behind, unshippedBytes / LINE_BYTES);
}

/** How many events ClickHouse has. */
export function arrived({ records, lag }: Pick<StackProgress, 'records' | 'lag'>): number {
  return (records.tracking_persisted ?? 0) - (lag.clickhouse ?? 0);
}
