import { Client, errors, Serializer } from '@elastic/elasticsearch';
import { certificatesOf } from '../../contracts/certificates.ts';
import { ClickproofError } from '../../contracts/errors.ts';
import { parseJson, stringifyJson } from '../../contracts/json.ts';
import type { ElasticsearchSinkSettings } from './settings.ts';

/** Reads and writes whole numbers beyond 2^53 as they are. */
class ExactSerializer extends Serializer {
  override serialize(value: Record<string, unknown>): string {
    return stringifyJson(value);
  }

  override deserialize<T = unknown>(json: string): T {
    return parseJson(json) as T;
  }
}

type ConnectionSettings = Pick<
  ElasticsearchSinkSettings,
  | 'elasticsearchUrl'
  | 'elasticsearchUser'
  | 'elasticsearchPassword'
  | 'elasticsearchApiKey'
  | 'elasticsearchCaFile'
  | 'elasticsearchCompress'
  | 'sinkInsertTimeout'
>;

/**
 * A client of Elasticsearch, by URL, that tries nothing again by itself: what is to be tried again is its caller's affair.
 *
 * @throws ClickproofError USAGE the file of certificates cannot be read
 */
export function elasticsearchClient(settings: ConnectionSettings): Client {
  const { elasticsearchUser: username, elasticsearchPassword: password, elasticsearchApiKey } = settings;
  const auth = elasticsearchApiKey ? { apiKey: elasticsearchApiKey } : username && { username, password };
  return new Client({
    node: settings.elasticsearchUrl,
    ...(auth && { auth }),
    ...(settings.elasticsearchCaFile && {
      tls: { ca: certificatesOf(settings.elasticsearchCaFile, '--elasticsearch-ca-file') },
    }),
    compression: settings.elasticsearchCompress,
    requestTimeout: settings.sinkInsertTimeout,
    maxRetries: 0,
    Serializer: ExactSerializer,
  });
}

/** Where a client goes, as it may be shown: without credentials. */
export function displayUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}

/** Errors that a user can mend, said so; undefined for what may pass by itself. */
export function explained(error: unknown, url: string): ClickproofError | undefined {
  const at = `Elasticsearch at ${displayUrl(url)}`;
  if (error instanceof ClickproofError) return error;
  if (error instanceof errors.ProductNotSupportedError) {
    return new ClickproofError(
      'ELASTICSEARCH_FOREIGN',
      `what answers at ${displayUrl(url)} is no Elasticsearch`,
      {
        remedy: 'say where Elasticsearch is with --elasticsearch-url',
        cause: error,
      },
    );
  }
  if (error instanceof errors.ResponseError && (error.statusCode === 401 || error.statusCode === 403)) {
    return new ClickproofError('ELASTICSEARCH_DENIED', `${at} denies access: ${reasonOf(error)}`, {
      remedy:
        'check --elasticsearch-user and --elasticsearch-password, or --elasticsearch-api-key; index templates must be manageable, the indices writable and readable',
      cause: error,
    });
  }
  return undefined;
}

/** What went wrong, in a line. */
export function reasonOf(error: unknown): string {
  const reason = error instanceof errors.ResponseError ? error.body?.error?.reason : undefined;
  const text = typeof reason === 'string' ? reason : error instanceof Error ? error.message : String(error);
  return text.slice(0, 500).toWellFormed();
}
