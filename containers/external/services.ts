import type { GroupNames, TopicNames } from '../../pipeline/contracts/topics.ts';
import type {
  ClickHouseConnection,
  ElasticsearchConnection,
  KafkaConnection,
  RedisConnection,
} from '../connections.ts';

/** Somebody's own services, as far as they were named. */
export interface ExternalServices {
  readonly topics: TopicNames;
  readonly groups: GroupNames;
  readonly kafka?: KafkaConnection | undefined;
  readonly redis?: RedisConnection | undefined;
  readonly clickhouse?: ClickHouseConnection | undefined;
  readonly elasticsearch?: ElasticsearchConnection | undefined;
}

/** What can be somebody's own. */
export const SERVICES = ['kafka', 'redis', 'clickhouse', 'elasticsearch'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Which were named. */
export function theirsOf(services: ExternalServices): ServiceName[] {
  return SERVICES.filter((name) => services[name] !== undefined);
}

/** The hosts that are to be written to. */
export function hostsOf({ kafka, redis, clickhouse, elasticsearch }: ExternalServices): string[] {
  const urls = [redis?.url, clickhouse?.url, elasticsearch?.url].filter((url) => url !== undefined);
  return [...(kafka?.brokers ?? []), ...urls.map((url) => new URL(url).host)];
}

/** What there is, in a line, without credentials. */
export function namesOf({ kafka, redis, clickhouse, elasticsearch }: ExternalServices): string[] {
  const secured = (how: readonly (string | false | undefined)[]) => {
    const words = how.filter(Boolean);
    return words.length > 0 ? ` (${words.join(', ')})` : '';
  };
  const at = (url: string) => new URL(url).host;
  const by = (url: string, user?: string) =>
    secured([/^(https|rediss):/.test(url) && 'TLS', user && `as ${user}`]);
  return [
    ...(kafka
      ? [
          `Kafka ${kafka.brokers.join(', ')}${secured([
            kafka.tls && 'TLS',
            kafka.sasl && 'username' in kafka.sasl && `as ${kafka.sasl.username}`,
          ])}`,
        ]
      : []),
    ...(redis ? [`Redis ${at(redis.url)}${by(redis.url, new URL(redis.url).username)}`] : []),
    ...(clickhouse ? [`ClickHouse ${at(clickhouse.url)}${by(clickhouse.url, clickhouse.user)}`] : []),
    ...(elasticsearch
      ? [
          `Elasticsearch ${at(elasticsearch.url)}${by(elasticsearch.url, elasticsearch.apiKey ? 'holder of an API key' : elasticsearch.user)}`,
        ]
      : []),
  ];
}
