import { join } from 'node:path';
import { DEFAULT_SIZE_LIMITS } from '../../pipeline/contracts/access-log.ts';
import type { Diagnostics } from '../../pipeline/contracts/running.ts';
import { pipelineTopics } from '../../pipeline/contracts/topic-specs.ts';
import { waitingFor } from '../../pipeline/contracts/waiting.ts';
import { type EventLog, openEmbeddedLog } from '../../pipeline/log/index.ts';
import type { PipelineSettings } from '../settings/pipeline.ts';

/** Opens the pipeline's event log and makes sure that its topics are there, as they should be. */
export async function openPipelineLog(
  settings: PipelineSettings,
  diagnostics: Diagnostics,
): Promise<EventLog> {
  const log = await open(settings, diagnostics);
  try {
    const topics = pipelineTopics(settings.topics, {
      partitions: settings.partitions,
      limits: { ...DEFAULT_SIZE_LIMITS, bodyBytes: settings.bodyBytes },
      retentionMs: settings.retention,
    });
    const [name, place] =
      settings.eventLog === 'embedded'
        ? ['the event log', settings.dataDir]
        : ['Kafka', settings.kafkaBrokers.join()];
    await waitingFor(name!, place!, diagnostics, () => log.ensureTopics(topics));
    return log;
  } catch (error) {
    await log.close();
    throw error;
  }
}

async function open(settings: PipelineSettings, diagnostics: Diagnostics): Promise<EventLog> {
  if (settings.eventLog === 'embedded') {
    return openEmbeddedLog({ path: join(settings.dataDir, 'events.db'), diagnostics });
  }
  const { kafkaLogOptions, openKafkaLog } = await import('../../pipeline/log/kafka/index.ts');
  return openKafkaLog(kafkaLogOptions(settings));
}
