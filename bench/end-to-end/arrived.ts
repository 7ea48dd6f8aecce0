import type { StackProgress } from '../../containers/stack.ts';

/** How many events ClickHouse has. */
export function arrived({ records, lag }: Pick<StackProgress, 'records' | 'lag'>): number {
  return (records.tracking_persisted ?? 0) - (lag.clickhouse ?? 0);
}
