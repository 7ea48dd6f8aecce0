import { answersHttp } from './answers-http.ts';
import type { ContainerContext } from './context.ts';
import { ELASTICSEARCH_INTERNAL } from './elasticsearch.ts';
import { definitionFile, ownUser } from './files.ts';
import { KAFKA_INTERNAL } from './kafka.ts';
import { launch } from './launch.ts';
import { requireSameFiles } from './same-files.ts';
import type { Service } from './service.ts';

const STATUS_PORT = 5066;
/** Where it finds the access log. */
const LOG_DIRECTORY = '/var/log/clickproof';
const CONFIG = '/etc/filebeat/filebeat.yml';

export interface FilebeatService {
  readonly service: Service;
  /** Its counters: `GET <url>/stats`. */
  readonly statusUrl: string;
}

/**
 * Filebeat in the shipper's place: the access log to `tracking_raw`.
 *
 * @param options.logDirectory where `tracking.log*` are, on this machine
 * @param options.dataDirectory where it notes how far it is, on this machine; must exist. In the container alone unless given
 * @param options.hosts the brokers as seen from the containers
 */
export async function startFilebeatShipper(
  context: ContainerContext,
  options: { logDirectory: string; dataDirectory?: string; hosts?: string; topic?: string },
): Promise<FilebeatService> {
  const { logDirectory, dataDirectory, hosts = KAFKA_INTERNAL, topic } = options;
  return start(context, {
    image: 'filebeat',
    name: 'filebeat',
    config: 'filebeat-to-kafka.yml',
    directories: {
      [LOG_DIRECTORY]: logDirectory,
      ...(dataDirectory !== undefined && { '/usr/share/filebeat/data': dataDirectory }),
    },
    environment: { KAFKA_HOSTS: hosts, ...(topic !== undefined && { TOPIC: topic }) },
  });
}

/**
 * The same with its data on this machine, from which it can be told how far it is.
 *
 * @throws ClickproofError FILES_ELSEWHERE
 */
export async function startFollowedShipper(
  context: ContainerContext,
  options: { logDirectory: string; dataDirectory: string },
): Promise<FilebeatService> {
  const filebeat = await startFilebeatShipper(context, options);
  await requireSameFiles(filebeat.service, { here: options.logDirectory, inside: LOG_DIRECTORY });
  return filebeat;
}

/** Filebeat in the place of the Elasticsearch sink: `tracking_persisted` to Elasticsearch. */
export async function startFilebeatSink(
  context: ContainerContext,
  options: { hosts?: string; elasticsearch?: string; topic?: string; group?: string; index?: string } = {},
): Promise<FilebeatService> {
  const { hosts = KAFKA_INTERNAL, elasticsearch = ELASTICSEARCH_INTERNAL, topic, group, index } = options;
  return start(context, {
    // The stock one never commits an offset on Kafka 4, and reads everything again after each start.
    image: 'filebeatKafka4',
    name: 'filebeat-sink',
    config: 'filebeat-to-elasticsearch.yml',
    environment: {
      KAFKA_HOSTS: hosts,
      ELASTICSEARCH_HOSTS: elasticsearch,
      ...(topic !== undefined && { TOPIC: topic }),
      ...(group !== undefined && { GROUP: group }),
      ...(index !== undefined && { INDEX: index }),
    },
  });
}

interface FilebeatRole {
  readonly image: 'filebeat' | 'filebeatKafka4';
  readonly name: string;
  readonly config: string;
  readonly directories?: Readonly<Record<string, string>>;
  readonly environment: Record<string, string>;
}

async function start(context: ContainerContext, role: FilebeatRole): Promise<FilebeatService> {
  const service = await launch(context, {
    image: role.image,
    name: role.name,
    ports: [STATUS_PORT],
    // Its own group, to which its directories belong in the image, and the user whose log it is.
    user: `${(await ownUser(context.engine)).uid}:0`,
    ...(role.directories && { directories: role.directories }),
    environment: () => role.environment,
    files: { [CONFIG]: await definitionFile(role.config) },
    command: ['-e', '--strict.perms=false', '-c', CONFIG],
    ready: answersHttp('/', STATUS_PORT),
  });
  return { service, statusUrl: `http://${service.address(STATUS_PORT)}` };
}
