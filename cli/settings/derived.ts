import { join } from 'node:path';
import { DEFAULT_SIZE_LIMITS, maxRecordBytes } from '../../pipeline/contracts/access-log.ts';
import type { PipelineSettings } from './pipeline.ts';

/** Defaults of single sections that follow from what the whole pipeline shares; they stand before the schemas' own. */
export function derivedDefaults({
  dataDir,
  bodyBytes,
}: PipelineSettings): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const accessLog = join(dataDir, 'access', 'tracking.log');
  const recordBytes = maxRecordBytes({ ...DEFAULT_SIZE_LIMITS, bodyBytes });
  const stage = { maxRecordBytes: recordBytes };
  return {
    collector: { accessLog, maxBodySize: bodyBytes },
    shipper: { logFile: accessLog, maxBodyBytes: bodyBytes },
    parser: stage,
    flattener: stage,
    persister: stage,
    clickhouseSink: { sinkMaxRecordBytes: 4 * recordBytes },
    elasticsearchSink: { sinkMaxRecordBytes: 4 * recordBytes },
    clickhouse: { path: join(dataDir, 'clickhouse') },
  };
}
