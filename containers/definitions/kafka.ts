import { DEFAULT_SIZE_LIMITS } from '../../pipeline/contracts/access-log.ts';
import { pipelineTopics } from '../../pipeline/contracts/topic-specs.ts';
import { DEFAULT_TOPICS } from '../../pipeline/contracts/topics.ts';
import type { ContainerContext } from './context.ts';
import { launch, saysInLog } from './launch.ts';
import { FIRST_PROXIED_KAFKA_PORT } from './links.ts';
import type { Service } from './service.ts';

/** For clients on the network of the containers: `kafka:9092`. */
export const KAFKA_INTERNAL = 'kafka:9092';
/** For clients on this machine. */
const HOST_PORT = 19_092;

export interface KafkaService {
  readonly service: Service;
  /** `host:port` for clients on this machine. */
  readonly broker: string;
}

export interface KafkaOptions {
  /**
   * Ports of this machine of proxies, of which each leads to a port of the broker's own, from `FIRST_PROXIED_KAFKA_PORT` on: what clients
   * that came through it are told to connect to.
   */
  readonly proxied?: readonly number[];
}

/** The largest record of any topic, with room for what a batch puts around it. */
const LARGEST = Math.max(
  ...pipelineTopics(DEFAULT_TOPICS, { partitions: 1, limits: DEFAULT_SIZE_LIMITS }).map(
    ({ maxRecordBytes }) => maxRecordBytes,
  ),
);

/** One broker in KRaft mode. */
export async function startKafka(
  context: ContainerContext,
  options: KafkaOptions = {},
): Promise<KafkaService> {
  const { proxied = [] } = options;
  const service = await launch(context, {
    image: 'kafka',
    ports: [HOST_PORT],
    environment: (hostPort) => {
      const listeners: Record<string, readonly [own: string, advertised: string]> = {
        INTERNAL: [':9092', KAFKA_INTERNAL],
        HOST: [`:${HOST_PORT}`, `127.0.0.1:${hostPort(HOST_PORT)}`],
        ...Object.fromEntries(
          proxied.map((port, i) => [
            `PROXIED${i}`,
            [`:${FIRST_PROXIED_KAFKA_PORT + i}`, `127.0.0.1:${port}`] as const,
          ]),
        ),
      };
      const list = (which: 0 | 1) =>
        Object.entries(listeners).map(([name, addresses]) => `${name}://${addresses[which]}`);
      return {
        CLUSTER_ID: 'Y2xpY2twcm9vZi1rYWZrYQ',
        KAFKA_NODE_ID: '1',
        KAFKA_PROCESS_ROLES: 'broker,controller',
        KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
        KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
        KAFKA_INTER_BROKER_LISTENER_NAME: 'INTERNAL',
        KAFKA_LISTENERS: [...list(0), 'CONTROLLER://:9093'].join(','),
        KAFKA_ADVERTISED_LISTENERS: list(1).join(','),
        KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: [...Object.keys(listeners), 'CONTROLLER']
          .map((name) => `${name}:PLAINTEXT`)
          .join(','),
        KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
        KAFKA_MESSAGE_MAX_BYTES: String(LARGEST),
        // One broker, few partitions: the defaults of a cluster take seconds to create.
        KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
        KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '4',
        KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
        KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
        KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS: '4',
        // A killed worker's place is taken, and its open transaction ended, within a second, not ten.
        KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
        KAFKA_TRANSACTION_ABORT_TIMED_OUT_TRANSACTION_CLEANUP_INTERVAL_MS: '1000',
        KAFKA_HEAP_OPTS: '-Xms256m -Xmx1g',
      };
    },
    ready: saysInLog(/Kafka Server started/),
  });
  return { service, broker: `127.0.0.1:${service.port(HOST_PORT)}` };
}
