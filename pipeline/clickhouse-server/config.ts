import type { ClickHouseServerSettings } from './settings.ts';

/**
 * The engine's server configuration. Its defaults suit a large machine (caches of gigabytes, hundreds of threads);
 * here it shares two cores with the rest of the pipeline.
 */
export function engineConfig(
  settings: Pick<ClickHouseServerSettings, 'maxMemoryBytes' | 'cacheBytes'>,
): string {
  const small = Math.max(1_048_576, Math.floor(settings.cacheBytes / 16));
  const values: Record<string, number> = {
    max_server_memory_usage: settings.maxMemoryBytes,
    mark_cache_size: settings.cacheBytes,
    primary_index_cache_size: settings.cacheBytes,
    index_mark_cache_size: small,
    uncompressed_cache_size: 0,
    index_uncompressed_cache_size: 0,
    query_condition_cache_size: small,
    compiled_expression_cache_size: small,
    mmap_cache_size: 16,
    background_pool_size: 1,
    background_merges_mutations_concurrency_ratio: 2,
    background_schedule_pool_size: 2,
    background_schedule_pool_initial_size: 2,
    max_thread_pool_size: 200,
    max_thread_pool_free_size: 4,
    max_io_thread_pool_size: 8,
    asynchronous_metrics_update_period_s: 60,
  };
  const lines = Object.entries(values).map(([name, value]) => `  <${name}>${Math.floor(value)}</${name}>`);
  return `<clickhouse>\n${lines.join('\n')}\n</clickhouse>\n`;
}
