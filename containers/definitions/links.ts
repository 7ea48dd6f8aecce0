/**
 * The ways from the processes of the pipeline to the servers: each has a proxy of its own, so that one of them can be cut and the others
 * not. `role-server` names it.
 */
export const LINKS = {
  'shipper-kafka': 'kafka',
  'parser-kafka': 'kafka',
  'flattener-kafka': 'kafka',
  'persister-kafka': 'kafka',
  'clickhouse-sink-kafka': 'kafka',
  'elasticsearch-sink-kafka': 'kafka',
  'persister-redis': 'redis',
  'clickhouse-sink-clickhouse': 'clickhouse',
  'elasticsearch-sink-elasticsearch': 'elasticsearch',
} as const;

export type Link = keyof typeof LINKS;

const PORTS = { redis: 6379, elasticsearch: 9200, clickhouse: 8123 } as const;

/** Kafka tells its clients where to connect to: each way to it ends at a port of its own, that tells its own way. */
export const KAFKA_LINKS = (Object.keys(LINKS) as Link[]).filter((link) => LINKS[link] === 'kafka');
export const FIRST_PROXIED_KAFKA_PORT = 19_100;

/** Where each leads to on the containers' network. */
export function linkTargets(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(LINKS).map(([link, server]) => [
      link,
      server === 'kafka'
        ? `kafka:${FIRST_PROXIED_KAFKA_PORT + KAFKA_LINKS.indexOf(link as Link)}`
        : `${server}:${PORTS[server]}`,
    ]),
  );
}
