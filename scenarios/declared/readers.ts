import type {
  ClickHouseConnection,
  ElasticsearchConnection,
  KafkaConnection,
} from '../../containers/connections.ts';
import { DeclaredClickHouseReader } from './clickhouse-reader.ts';
import { DeclaredElasticsearchReader } from './elasticsearch-reader.ts';
import { DeclaredKafkaReader } from './kafka-reader.ts';
import type { DeclaredReader } from './reader.ts';
import type { DeclaredHop } from './settings.ts';

/** Where the hops are. */
interface Services {
  readonly kafka?: KafkaConnection | undefined;
  readonly clickhouse?: ClickHouseConnection | undefined;
  readonly elasticsearch?: ElasticsearchConnection | undefined;
}

/** The readers of declared hops, in their order. Their services must be there. */
export function declaredReaders(
  hops: readonly DeclaredHop[],
  services: Services,
  mark: string,
): DeclaredReader[] {
  return hops.map((hop) => readerOf(hop, services, mark));
}

function readerOf(
  hop: DeclaredHop,
  { kafka, clickhouse, elasticsearch }: Services,
  mark: string,
): DeclaredReader {
  switch (hop.kind) {
    case 'kafka':
      return new DeclaredKafkaReader(hop, kafka!);
    case 'clickhouse':
      return new DeclaredClickHouseReader(hop, clickhouse!, mark);
    case 'elasticsearch':
      return new DeclaredElasticsearchReader(hop, elasticsearch!, mark);
  }
}
