import type { IncomingMessage } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { RequestRefused } from './failures.ts';

/** What a request asks for, read from its URL and headers. */
export interface QueryRequest {
  /** The `query` parameter; empty when the statement is in the body. */
  query: string;
  readonly queryId: string;
  readonly database: string | undefined;
  readonly defaultFormat: string | undefined;
  /** Engine settings, by name. */
  readonly settings: Map<string, string>;
  /** Values of `{name:Type}` in the statement, by name, escaped as ClickHouse's TSV is. */
  readonly parameters: Map<string, string>;
  /** The client reads compressed answers. */
  readonly compress: boolean;
}

/** Parameters that belong to HTTP and mean nothing to an engine in the same process. */
const HTTP_ONLY = new Set([
  'wait_end_of_query',
  'buffer_size',
  'send_progress_in_http_headers',
  'http_response_buffer_size',
  'http_headers_progress_interval_ms',
  'http_zlib_compression_level',
  'http_write_exception_in_output_format',
  'add_http_cors_header',
  'quota_key',
  'client_protocol_version',
  'user',
  'password',
  'log_queries',
]);
const NOT_SUPPORTED = new Set(['session_id', 'role', 'compress', 'decompress', 'stacktrace']);
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** @throws RequestRefused for what this front does not do. */
export function readQueryRequest(url: URL, newId: () => string): QueryRequest {
  const settings = new Map<string, string>();
  const parameters = new Map<string, string>();
  let query = '';
  let queryId = '';
  let database: string | undefined;
  let defaultFormat: string | undefined;
  let compress = false;
  for (const [name, value] of url.searchParams) {
    if (name === 'query') query += value;
    else if (name === 'query_id') queryId = value;
    else if (name === 'database') database = value || undefined;
    else if (name === 'default_format') defaultFormat = value || undefined;
    else if (name === 'enable_http_compression') compress = value === '1' || value === 'true';
    else if (name.startsWith('param_')) parameters.set(checkName(name.slice('param_'.length)), value);
    else if (NOT_SUPPORTED.has(name) && value !== '' && value !== '0') {
      throw new RequestRefused(
        501,
        48,
        'NOT_IMPLEMENTED',
        `the parameter ${name} is not supported by this server`,
      );
    } else if (!HTTP_ONLY.has(name) && !NOT_SUPPORTED.has(name)) settings.set(checkName(name), value);
  }
  // The id comes back in a header, where not every character is allowed.
  queryId = /^[\x21-\x7e]{1,200}$/.test(queryId) ? queryId : newId();
  return { query, queryId, database, defaultFormat, settings, parameters, compress };
}

function checkName(name: string): string {
  if (NAME.test(name)) return name;
  throw new RequestRefused(
    400,
    36,
    'BAD_ARGUMENTS',
    `${JSON.stringify(name)} is no name of a setting or parameter`,
  );
}

/** The SQL that gives a fresh connection the request's database, settings and parameters; empty when it has none. */
export function preamble(request: QueryRequest, readonly: boolean): string {
  const assignments = [...request.settings].map(([name, value]) => `${name} = ${literal(value)}`);
  for (const [name, value] of request.parameters) assignments.push(`param_${name} = ${literal(value)}`);
  let sql = request.database === undefined ? '' : `USE ${identifier(request.database)}; `;
  if (assignments.length > 0) sql += `SET ${assignments.join(', ')}; `;
  return readonly ? `${sql}SET readonly = 2; ` : sql;
}

/** A ClickHouse string literal. */
export function literal(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&').replaceAll('\0', '\\0')}'`;
}

function identifier(name: string): string {
  return `\`${name.replace(/[\\`]/g, '\\$&').replaceAll('\0', '\\0')}\``;
}

/** The body, decompressed; the stream fails with RequestRefused past `limit` bytes. */
export function bodyOf(request: IncomingMessage, limit: number): Readable {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  const bounded = boundedBy(limit);
  if (encoding === 'identity' || encoding === '') return pipe(request, bounded);
  const decompress = decompressor(encoding);
  if (decompress === undefined) {
    throw new RequestRefused(
      400,
      36,
      'BAD_ARGUMENTS',
      `Content-Encoding ${JSON.stringify(encoding)} is unknown`,
    );
  }
  const cannotDecompress = (cause: Error) =>
    bounded.destroy(
      new RequestRefused(
        400,
        354,
        'ZLIB_INFLATE_FAILED',
        `the body is no ${encoding} data: ${cause.message}`,
      ),
    );
  pipe(request, decompress).once('error', cannotDecompress);
  decompress.pipe(bounded);
  bounded.once('error', () => decompress.destroy());
  return bounded;
}

function pipe(source: IncomingMessage, target: Transform): Transform {
  source.once('error', (error) => target.destroy(error));
  source.once('aborted', () => target.destroy(new Error('the client went away')));
  return source.pipe(target);
}

function decompressor(encoding: string): Transform | undefined {
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip();
  if (encoding === 'deflate') return createInflate();
  if (encoding === 'br') return createBrotliDecompress();
  if (encoding === 'zstd') return createZstdDecompress();
  return undefined;
}

function boundedBy(limit: number): Transform {
  let seen = 0;
  return new Transform({
    // Inserts are megabytes: with the default of 64 KiB the connection would be held up at every other piece.
    highWaterMark: 1 << 20,
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen <= limit) done(null, chunk);
      else done(new RequestRefused(413, 307, 'TOO_MANY_BYTES', `the request body exceeds ${limit} bytes`));
    },
  });
}

/** Reads a bounded stream into memory. */
export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Takes `query` and `param_*` out of a form, as the client sends parameters too long for a URL. */
export async function readForm(body: Buffer, type: string, request: QueryRequest): Promise<void> {
  let form: FormData;
  try {
    form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  } catch {
    throw new RequestRefused(400, 36, 'BAD_ARGUMENTS', 'the body is no readable multipart form');
  }
  for (const [name, value] of form) {
    if (typeof value !== 'string') {
      throw new RequestRefused(
        501,
        48,
        'NOT_IMPLEMENTED',
        'external tables are not supported by this server',
      );
    }
    if (name === 'query') request.query += value;
    else if (name.startsWith('param_')) request.parameters.set(checkName(name.slice('param_'.length)), value);
    else request.settings.set(checkName(name), value);
  }
}
