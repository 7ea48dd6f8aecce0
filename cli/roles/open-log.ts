import { join } from 'node:path';
import { DEFAULT_SIZE_LIMITS } from '../../pipeline/contracts/access-log.ts';
import { hasCode } from '../../pipeline/contracts/errors.ts';
import type { Diagnostics } from '../../pipeline/contracts/running.ts';
import { pipelineTopics } from '../../pipeline/contracts/topic-specs.ts';
import { waitingFor } from '../../pipeline/contracts/waiting.ts';
import { type EventLog, openEmbeddedLog } from '../../pipeline/log/index.ts';
import type { PipelineSettings } from '../settings/pipeline.ts';
import type { Role } from './run-role.ts';

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
    const ready = () => log.ensureTopics(topics);
    if (settings.eventLog === 'embedded') {
      await waitingFor('the event log', settings.dataDir, diagnostics, ready);
    } else {
      const again = { timeoutMs: settings.kafkaConnectTimeout, passes: mayPass };
      await waitingFor('Kafka', settings.kafkaBrokers.join(), diagnostics, ready, again);
    }
    return log;
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** Nobody there, or a cluster that has not sorted itself out yet. */
function mayPass(error: unknown): boolean {
  if (hasCode(error, 'KAFKA_UNREACHABLE')) return true;
  const { cause } = error as Error;
  return hasCode(error, 'KAFKA_ERROR') && (cause as { retriable?: boolean } | undefined)?.retriable === true;
}

async function open(settings: PipelineSettings, diagnostics: Diagnostics): Promise<EventLog> {
  if (settings.eventLog === 'embedded') {
    return openEmbeddedLog({ path: join(settings.dataDir, 'events.db'), diagnostics });
  }
  const { kafkaLogOptions, openKafkaLog } = await import('../../pipeline/log/kafka/index.ts');
  return openKafkaLog(kafkaLogOptions(settings));
}

/** A role that has an event log for itself, which is closed when it has ended. */
export async function onLog(
  open: () => Promise<EventLog>,
  start: (log: EventLog) => Promise<Role>,
): Promise<Role> {
  const log = await open();
  try {
    const role = await start(log);
    const done = role.done.finally(() => log.close());
    // Met by whoever waits for it; not every caller does at once.
    done.catch(() => {});
    return { ...role, done };
  } catch (error) {
    await log.close();
    throw error;
  }
}
