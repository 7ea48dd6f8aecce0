import type { Client } from '@elastic/elasticsearch';
import { ClickproofError, hasCode } from '../../contracts/errors.ts';
import type { Diagnostics, Running } from '../../contracts/running.ts';
import { waitingFor } from '../../contracts/waiting.ts';
import { type RunningWorker, startWorker, type WorkerDependencies } from '../../stages/worker.ts';
import type { WorkerStats } from '../../stages/worker-stats.ts';
import { sinkReading } from '../settings.ts';
import { type BulkStats, BulkWriter } from './bulk.ts';
import { displayUrl, elasticsearchClient, explained, reasonOf } from './client.ts';
import { type ConflictStats, DocumentWriter } from './document-writer.ts';
import { Schema } from './schema.ts';
import type { ElasticsearchSinkSettings } from './settings.ts';
import { SinkHandler, STAGE } from './sink-handler.ts';

export interface ElasticsearchSinkStats extends WorkerStats {
  readonly writes: BulkStats & ConflictStats;
}

export interface ElasticsearchSinkDependencies extends WorkerDependencies {
  /** Ends the waiting for an Elasticsearch that does not answer yet. */
  readonly signal?: AbortSignal | undefined;
  /** Puts something between the sink and its client. */
  readonly through?: (client: Client) => Client;
}

export interface ElasticsearchSink extends Running {
  stats(): ElasticsearchSinkStats;
  /** Offsets of `tracking_persisted` that are not indexed yet. */
  lag(): Promise<number>;
}

/**
 * Reads `tracking_persisted` into Elasticsearch: at least once, and twice is as good as once (docs/decisions/0050).
 *
 * @throws ClickproofError ELASTICSEARCH_UNREACHABLE, ELASTICSEARCH_DENIED, ELASTICSEARCH_FOREIGN, SCHEMA_NEWER, SCHEMA_FOREIGN,
 * TOPIC_MISSING, USAGE
 */
export async function startElasticsearchSink(
  settings: ElasticsearchSinkSettings,
  { log, topics, groups, diagnostics, signal, through = (client) => client }: ElasticsearchSinkDependencies,
): Promise<ElasticsearchSink> {
  const client = through(elasticsearchClient(settings));
  const schema = new Schema(client, settings);
  let worker: RunningWorker;
  let bulk: BulkWriter;
  let writer: DocumentWriter;
  try {
    const url = settings.elasticsearchUrl;
    await waitingFor(
      'Elasticsearch',
      displayUrl(url),
      diagnostics,
      () => connect(client, schema, url, diagnostics),
      {
        timeoutMs: settings.sinkConnectTimeout,
        passes: (error) => hasCode(error, 'ELASTICSEARCH_UNREACHABLE'),
        signal,
      },
    );
    bulk = new BulkWriter(client, schema, {
      bulkBytes: settings.sinkBulkBytes,
      maxRequestBytes: await requestLimit(client),
      bulks: settings.sinkBulks,
      retryMinMs: settings.sinkRetryMin,
      retryMaxMs: settings.sinkRetryMax,
      blockedMs: settings.elasticsearchBlocked,
      diagnostics,
    });
    writer = new DocumentWriter(client, bulk);
    worker = await startWorker(
      {
        stage: STAGE,
        group: groups.elasticsearch,
        input: topics.persisted,
        output: topics.failed,
        failed: topics.failed,
      },
      sinkReading(settings),
      { log, diagnostics },
      (partition, parts) => new SinkHandler({ partition, parts, writer, alias: schema.alias }),
    );
  } catch (error) {
    await client.close();
    throw error;
  }
  let stopped: Promise<void> | undefined;
  const end = async () => {
    await worker.stop();
    await client.close();
  };
  return {
    done: worker.done,
    stop() {
      stopped ??= end();
      return stopped;
    },
    stats: () => ({ ...worker.stats(), writes: { ...bulk.stats, ...writer.stats } }),
    lag: () => worker.lag(),
  };
}

/** Makes the schema. */
async function connect(client: Client, schema: Schema, url: string, diagnostics: Diagnostics): Promise<void> {
  try {
    const { version } = await client.info();
    await schema.prepare();
    diagnostics.info('Elasticsearch', { url: displayUrl(url), version: version.number, alias: schema.alias });
  } catch (cause) {
    const known = explained(cause, url);
    if (known) throw known;
    throw new ClickproofError(
      'ELASTICSEARCH_UNREACHABLE',
      `Elasticsearch at ${displayUrl(url)} cannot be used: ${reasonOf(cause)}`,
      { remedy: 'start it, or say where it is with --elasticsearch-url', cause },
    );
  }
}

/** The largest request that every node takes, bytes; undefined where one is not told. */
async function requestLimit(client: Client): Promise<number | undefined> {
  try {
    const { nodes } = await client.nodes.info({ metric: 'http' });
    const limits = Object.values(nodes).map(({ http }) => http?.max_content_length_in_bytes);
    const least = Math.min(...limits.map((limit) => Number(limit ?? Number.NaN)));
    return least > 0 && Number.isFinite(least) ? least : undefined;
  } catch {
    return undefined;
  }
}
