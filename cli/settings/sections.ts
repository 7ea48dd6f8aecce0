import { clickhouseServerSettings } from '../../pipeline/clickhouse-server/settings.ts';
import { collectorSettings } from '../../pipeline/collector/settings.ts';
import { enrichmentSettings } from '../../pipeline/enrichment/settings.ts';
import { shipperSettings } from '../../pipeline/shipper/settings.ts';
import { pipelineSettings } from './pipeline.ts';
import type { Sections } from './resolve.ts';

/** Every section a configuration file can have. */
export function allSections(): Sections {
  return {
    pipeline: pipelineSettings,
    collector: collectorSettings,
    shipper: shipperSettings,
    enrichment: enrichmentSettings,
    clickhouse: clickhouseServerSettings,
  };
}
