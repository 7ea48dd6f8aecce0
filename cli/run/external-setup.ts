import { type ExternalServices, hostsOf } from '../../containers/external/services.ts';
import { certificatesOf } from '../../pipeline/contracts/certificates.ts';
import { kafkaLogOptions } from '../../pipeline/log/kafka/settings.ts';
import { redisStoreSettings } from '../../pipeline/profile/redis/settings.ts';
import { clickhouseSinkSettings } from '../../pipeline/sinks/clickhouse/settings.ts';
import { elasticsearchSinkSettings } from '../../pipeline/sinks/elasticsearch/settings.ts';
import { readConfigFile } from '../settings/config-file.ts';
import { readEnvironment } from '../settings/environment.ts';
import { type ExternalSettings, externalSettings } from '../settings/external.ts';
import { environmentName } from '../settings/names.ts';
import { pipelineSettings } from '../settings/pipeline.ts';
import { resolveSettings } from '../settings/resolve.ts';
import { allSections } from '../settings/sections.ts';
import type { Sections } from '../settings/setting.ts';
import { UsageError } from '../usage-error.ts';
import { collectorOrigin } from './collector-origin.ts';
import { requireOwned } from './owned.ts';

/** A user's own services, and what is to be done with them. */
export interface ExternalSetup extends ExternalSettings {
  readonly configFile: string;
  readonly services: ExternalServices;
  /** What is written to beyond this machine was declared one's own. */
  readonly owned: boolean;
  /** Variables of the environment that say more of the services than the file, for the roles that use them. */
  readonly environment: Readonly<Record<string, string>>;
}

const GUIDE = 'docs/guides/external.md shows such a file';

/**
 * Reads which services there are. A store or sink counts as there when its section says anything, in the file or in the environment; Kafka
 * and Redis when the section `pipeline` chooses them.
 *
 * @throws UsageError
 */
export function externalSetup(
  configFile: string | undefined,
  owned: boolean,
  environment: NodeJS.ProcessEnv = process.env,
): ExternalSetup {
  if (configFile === undefined) {
    throw new UsageError(
      '--stack external needs to know your services',
      `name them in a file: --config my.yaml; ${GUIDE}`,
    );
  }
  const sections = allSections();
  const file = readConfigFile(configFile, sections);
  const given = (section: string) =>
    Object.keys(file[section] ?? {}).length > 0 ||
    Object.keys(readEnvironment(section, sections[section]!, environment)).length > 0;
  const from = (section: string) => ({ file: file[section], fileName: configFile, environment });

  const external = resolveSettings('external', externalSettings, from('external'));
  const pipeline = resolveSettings('pipeline', pipelineSettings, from('pipeline'));
  const redis = resolveSettings('redis', redisStoreSettings, from('redis'));
  const clickhouse = resolveSettings('clickhouseSink', clickhouseSinkSettings, from('clickhouseSink'));
  const elasticsearch = resolveSettings(
    'elasticsearchSink',
    elasticsearchSinkSettings,
    from('elasticsearchSink'),
  );
  const kafka = kafkaLogOptions(pipeline);
  const services: ExternalServices = {
    topics: pipeline.topics,
    groups: pipeline.groups,
    kafka: pipeline.eventLog === 'kafka' ? { ...kafka, tls: kafka.tls as boolean } : undefined,
    redis:
      pipeline.profiles === 'redis'
        ? {
            url: redis.redisUrl,
            cluster: redis.redisCluster,
            ca: trusted(redis.redisCaFile, '--redis-ca-file'),
          }
        : undefined,
    clickhouse: given('clickhouseSink')
      ? {
          url: clickhouse.clickhouseUrl,
          database: clickhouse.clickhouseDatabase,
          user: clickhouse.clickhouseUser,
          password: clickhouse.clickhousePassword,
          ca: trusted(clickhouse.clickhouseCaFile, '--clickhouse-ca-file'),
        }
      : undefined,
    elasticsearch: given('elasticsearchSink')
      ? {
          url: elasticsearch.elasticsearchUrl,
          alias: elasticsearch.elasticsearchIndex,
          user: elasticsearch.elasticsearchUser,
          password: elasticsearch.elasticsearchPassword,
          apiKey: elasticsearch.elasticsearchApiKey,
          ca: trusted(elasticsearch.elasticsearchCaFile, '--elasticsearch-ca-file'),
        }
      : undefined,
  };
  const setup = { ...external, configFile, services, owned, environment: ofServices(sections, environment) };
  requireSense(setup);
  const written = external.collector === undefined ? hostsOf(services) : [new URL(external.collector).host];
  for (const host of written) requireOwned(host, owned);
  return setup;
}

const OF_SERVICES = ['pipeline', 'redis', 'clickhouseSink', 'elasticsearchSink'];

function ofServices(sections: Sections, environment: NodeJS.ProcessEnv): Record<string, string> {
  const names = OF_SERVICES.flatMap((section) =>
    Object.keys(sections[section]!.shape).map((key) => environmentName(section, key)),
  );
  return Object.fromEntries(
    names.flatMap((name) => (environment[name] ? [[name, environment[name]] as const] : [])),
  );
}

function trusted(file: string | undefined, flag: string): string[] | undefined {
  return file === undefined ? undefined : certificatesOf(file, flag);
}

/** @throws UsageError for what cannot be meant */
function requireSense({ configFile, collector, hops, services }: ExternalSetup): void {
  if (collector === undefined) {
    if (hops !== undefined) {
      throw new UsageError(
        `${configFile}: external.hops says where your pipeline shows events, but not where it takes them`,
        'add external.collector',
      );
    }
    if (hostsOf(services).length === 0) {
      throw new UsageError(
        `${configFile} names no service of yours`,
        `name a collector, Kafka, Redis, ClickHouse or Elasticsearch; ${GUIDE}`,
      );
    }
    return;
  }
  collectorOrigin(new URL(collector), `${configFile}: external.collector`);
  for (const { kind } of hops ?? []) {
    if (services[kind] !== undefined) continue;
    const where = {
      kafka: 'pipeline.eventLog: kafka and pipeline.kafkaBrokers',
      clickhouse: 'clickhouseSink.clickhouseUrl',
      elasticsearch: 'elasticsearchSink.elasticsearchUrl',
    }[kind];
    throw new UsageError(
      `${configFile}: a hop is in ${kind}, but it is not said where that is`,
      `add ${where}`,
    );
  }
}
