export { elasticsearchClient } from './client.ts';
export { type ElasticsearchSinkSettings, elasticsearchSinkSettings } from './settings.ts';
export { type ElasticsearchSink, type ElasticsearchSinkStats, startElasticsearchSink } from './sink.ts';
