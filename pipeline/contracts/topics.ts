/** The topics a record passes through, in order. Names are settings; these are the defaults. */
export interface TopicNames {
  readonly raw: string;
  readonly processed: string;
  readonly flattened: string;
  readonly persisted: string;
  readonly failed: string;
  /** Compacted: the shipper's position, one record a `shipper.id`. */
  readonly shipperState: string;
}

export const DEFAULT_TOPICS: TopicNames = {
  raw: 'tracking_raw',
  processed: 'tracking_processed',
  flattened: 'tracking_flattened',
  persisted: 'tracking_persisted',
  failed: 'tracking_failed',
  shipperState: 'tracking_shipper_state',
};

/** The same with something before each name, so that a run has topics or groups of its own. */
export function prefixed<Names extends TopicNames | GroupNames>(names: Names, prefix: string): Names {
  const named = Object.entries(names).map(([role, name]) => [role, `${prefix}${name}`]);
  return Object.fromEntries(named) as Names;
}

/** The consumer groups, one a stage and one a sink. */
export interface GroupNames {
  readonly parser: string;
  readonly flattener: string;
  readonly persister: string;
  readonly clickhouse: string;
  readonly clickhouseFailed: string;
  readonly elasticsearch: string;
}

export const DEFAULT_GROUPS: GroupNames = {
  parser: 'parser',
  flattener: 'flattener',
  persister: 'persister',
  clickhouse: 'clickhouse',
  clickhouseFailed: 'clickhouse_failed',
  elasticsearch: 'elasticsearch',
};
