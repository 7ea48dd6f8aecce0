import { clickhouseServerSettings } from '../../pipeline/clickhouse-server/settings.ts';
import { collectorSettings } from '../../pipeline/collector/settings.ts';
import { enrichmentSettings } from '../../pipeline/enrichment/settings.ts';
import { redisStoreSettings } from '../../pipeline/profile/redis/settings.ts';
import { shipperSettings } from '../../pipeline/shipper/settings.ts';
import { clickhouseSinkSettings } from '../../pipeline/sinks/clickhouse/settings.ts';
import { elasticsearchSinkSettings } from '../../pipeline/sinks/elasticsearch/settings.ts';
import {
  flattenerSettings,
  parserWorkerSettings,
  persisterSettings,
} from '../../pipeline/stages/settings.ts';
import { trafficSettings } from '../../simulator/plan/settings.ts';
import { externalSettings } from './external.ts';
import { pipelineSettings } from './pipeline.ts';
import type { Sections } from './setting.ts';

/** Every section a configuration file can have. */
export function allSections(): Sections {
  return {
    pipeline: pipelineSettings,
    collector: collectorSettings,
    shipper: shipperSettings,
    parser: parserWorkerSettings,
    enrichment: enrichmentSettings,
    flattener: flattenerSettings,
    persister: persisterSettings,
    redis: redisStoreSettings,
    clickhouseSink: clickhouseSinkSettings,
    elasticsearchSink: elasticsearchSinkSettings,
    clickhouse: clickhouseServerSettings,
    traffic: trafficSettings,
    external: externalSettings,
  };
}
