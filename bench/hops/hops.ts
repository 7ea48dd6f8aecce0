import type { HopName } from '../subjects/hop.ts';

/** The hops in the order of the data: each is fed from what the one before has written. */
export const HOPS: readonly HopName[] = [
  'parser',
  'flattener',
  'persister',
  'clickhouse-sink',
  'elasticsearch-sink',
];

/** What each is compared with. */
export const BESIDE: Readonly<Record<'shipper' | HopName, keyof typeof REFERENCES>> = {
  shipper: 'append',
  parser: 'relay',
  flattener: 'relay',
  persister: 'relay',
  'clickhouse-sink': 'insert',
  'elasticsearch-sink': 'bulk',
};

export const REFERENCES = {
  append: 'readline and appending the bare lines in transactions',
  relay: 'kafkajs as it is published, copying tracking_processed as it is, a transaction a batch',
  insert: '@clickhouse/client alone, inserting the same as one text column, from memory',
  bulk: 'the bulk helper of @elastic/elasticsearch alone, the same documents from memory',
} as const;
