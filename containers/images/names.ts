/** The images of the containers stack, by what they are for. Official names; `npm run images` assembles others under the same. */
const DEFAULTS = {
  /** What the assembled ones are built on. */
  base: 'debian:trixie-slim',
  kafka: 'apache/kafka:4.1.0',
  redis: 'redis:8',
  elasticsearch: 'docker.elastic.co/elasticsearch/elasticsearch:9.2.0',
  /** The version of the engine that the embedded stack runs (chdb). */
  clickhouse: 'clickhouse/clickhouse-server:26.7',
  nginx: 'nginx:stable',
  /** The newest that the Go module proxy has; newer ones have no version there. */
  filebeat: 'docker.elastic.co/beats/filebeat:7.17.29',
  /** Filebeat whose Kafka input commits its offsets on Kafka 4 and later. Nobody publishes it: always assembled. */
  filebeatKafka4: 'clickproof/filebeat:7.17.29-kafka4',
  toxiproxy: 'ghcr.io/shopify/toxiproxy:2.12.0',
  k6: 'grafana/k6:1.8.1',
} as const;

export type ImageId = keyof typeof DEFAULTS;

export const IMAGE_IDS = Object.keys(DEFAULTS) as readonly ImageId[];

/** On every assembled image: what it was assembled from, as a hash. Official ones do not have it. */
export const ASSEMBLED_LABEL = 'io.clickproof.assembled';

/** On an assembled image that only stands in for the official one: what it is. */
export const STAND_IN_LABEL = 'io.clickproof.stand-in';

/** `filebeatKafka4` → `CLICKPROOF_IMAGE_FILEBEAT_KAFKA4`. */
export function imageVariable(id: ImageId): string {
  return `CLICKPROOF_IMAGE_${id.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()}`;
}

/** Whether a registry could have it: a name of this project's own that nobody publishes could be registered by anybody. */
export function isPublished(id: ImageId, environment: NodeJS.ProcessEnv = process.env): boolean {
  return id !== 'filebeatKafka4' || imageName(id, environment) !== DEFAULTS[id];
}

/** The image to run for something: what the environment says, else the official one. */
export function imageName(id: ImageId, environment: NodeJS.ProcessEnv = process.env): string {
  return environment[imageVariable(id)]?.trim() || DEFAULTS[id];
}
