import type { FlatValue } from '../../pipeline/contracts/messages.ts';
import { requestDigest } from '../ledger/digest.ts';
import type { Expectation, ExpectedEvent } from '../ledger/records.ts';
import { type EventVerdict, expectEvent, type RequestContext } from './event.ts';
import { readJson } from './json.ts';
import { batchParameterSince } from './parameters.ts';
import { parseQuery, type ReceivedParameter } from './query.ts';
import { cookieOf, endpointOf, hasHeader, headerOf, type SentRequest } from './request.ts';
import { DEFAULT_ORACLE_SETTINGS, type OracleSettings } from './settings.ts';
import { textOfBytes, textOfLatin1 } from './text.ts';
import { isUuid } from './values.ts';

/** What should become of one request. */
export interface RequestVerdict {
  /** Finds the request again in the access log and in failures. */
  readonly digest: string;
  readonly expect: Expectation;
  /** Why it is not processed as a whole, for people; null where at least one event is. */
  readonly why: string | null;
  /**
   * One for each event that the parser makes of it, or one failure with index null where the payload is refused as a
   * whole. Empty for what is refused or ignored.
   */
  readonly events: readonly OracleEvent[];
}

export type OracleEvent = Omit<ExpectedEvent, 'sequence' | 'repeats'> & { readonly why: string | null };

const RAW_BYTES = /[\u007f-\u00ff]/;
const ANONYMOUS_ID = '00000000-0000-0000-0000-000000000000';
const PAYLOAD_SCHEMA = /^iglu:com\.snowplowanalytics\.snowplow\/payload_data\/jsonschema\/1-0-([0-4])$/;
/** The reference compares the header as it is sent: other spellings of the same are refused. */
const JSON_TYPES = new Set([
  'application/json',
  'application/json; charset=utf-8',
  'application/json; charset=UTF-8',
]);

/**
 * What should become of a request, as far as the request itself tells: outcome, event ids, visitors and field values. A
 * pure function that shares no code with the pipeline's stages. It says less rather than guess: a field that it does not
 * state is not checked.
 *
 * @example
 * expectRequest({ method: 'GET', target: '/i?e=pv&p=web', headers: [], body: null }).events[0]?.fields['event-event'];
 * // 'page_view'
 */
export function expectRequest(
  request: SentRequest,
  settings: OracleSettings = DEFAULT_ORACLE_SETTINGS,
): RequestVerdict {
  const { method, target } = request;
  const question = target.indexOf('?');
  const path = question < 0 ? target : target.slice(0, question);
  const query = question < 0 ? '' : textOfLatin1(target.slice(question + 1));
  const body = request.body === null ? '' : textOf(request.body);
  const digest = requestDigest(query, body);
  const answer = (expect: Expectation, why: string, events: OracleEvent[] = []): RequestVerdict => ({
    digest,
    expect,
    why,
    events,
  });
  const failAll = (why: string) => answer('failed', why, [{ ...NO_EVENT, index: null, why }]);

  if (!settings.rawBytesInTarget && RAW_BYTES.test(target))
    return answer('refused', 'raw bytes in the target');
  const endpoint = endpointOf(path);
  if (method !== 'GET' && method !== 'POST') return answer('ignored', `method ${method}`);
  if (endpoint === 'none' || (endpoint === 'pixel' && method === 'POST'))
    return answer('ignored', 'unknown path');
  if (target.length > settings.uriCharacters) return answer('refused', 'URI too long');
  if (bodyBytes(request.body) > settings.bodyBytes) return answer('refused', 'body too large');
  if (endpoint === 'not_found') return answer('refused', 'not found');
  if (endpoint === 'vendor') return failAll('vendor path is not supported');

  const parameters = parseQuery(query);
  if (parameters === null) return failAll('query string: malformed escape');
  const context = contextOf(request, path, query, body, settings);
  if (method === 'GET') {
    if (parameters.length === 0) return failAll('empty query string');
    return conclude(digest, [{ index: 0, ...expectEvent(parameters, context, settings) }]);
  }
  const contentType = headerOf(request.headers, 'content-type');
  if (contentType !== undefined && !JSON_TYPES.has(contentType)) return failAll('content type is not JSON');
  const payload = readPayload(body);
  if (typeof payload === 'string') return failAll(payload);
  const { items, addition } = payload;
  // An event of a batch does not carry along what belongs to the others too.
  if (items.length > 1) delete context.fields['request-request_body'];
  return conclude(
    digest,
    items.map((item, index) => ({ index, ...expectItem(item, addition, parameters, context, settings) })),
  );
}

const NO_EVENT = { id: null, visitor: null, expect: 'failed', fields: {} } as const;

function conclude(digest: string, events: OracleEvent[]): RequestVerdict {
  const processed = events.some(({ expect }) => expect === 'processed');
  return {
    digest,
    expect: processed ? 'processed' : 'failed',
    why: processed ? null : events[0]!.why,
    events,
  };
}

function textOf(body: Buffer | string): string {
  return typeof body === 'string' ? body.toWellFormed() : textOfBytes(body);
}

function bodyBytes(body: Buffer | string | null): number {
  if (body === null) return 0;
  return typeof body === 'string' ? Buffer.byteLength(body) : body.length;
}

interface Batch {
  readonly items: readonly unknown[];
  /** The last part of the version of its schema: which parameters there may be. */
  readonly addition: number;
}

/** The items of a batch, or why there are none. */
function readPayload(body: string): Batch | string {
  if (body === '') return 'empty body';
  const payload = readJson(body);
  if (typeof payload !== 'object' || payload === null || !('schema' in payload) || !('data' in payload))
    return 'body is no JSON that describes itself';
  const { schema, data } = payload;
  const addition = typeof schema === 'string' ? PAYLOAD_SCHEMA.exec(schema)?.[1] : undefined;
  if (addition === undefined) return 'body is no payload_data';
  return Array.isArray(data) && data.length > 0
    ? { items: data, addition: Number(addition) }
    : 'batch without events';
}

/** One item of a batch: all values text, no unknown names, `e`, `p` and `tv` there. Query parameters override its own. */
function expectItem(
  item: unknown,
  addition: number,
  query: readonly ReceivedParameter[],
  context: RequestContext,
  settings: OracleSettings,
): EventVerdict {
  const invalid = (why: string): EventVerdict => ({ ...NO_EVENT, why });
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return invalid('item is no object');
  const parameters: ReceivedParameter[] = [];
  for (const [name, value] of Object.entries(item)) {
    if (typeof value !== 'string') return invalid(`${name}: not text`);
    if (!(addition >= batchParameterSince(name))) return invalid(`${name}: unknown parameter`);
    parameters.push([name, value]);
  }
  for (const name of ['e', 'p', 'tv']) if (!Object.hasOwn(item, name)) return invalid(`${name}: missing`);
  return expectEvent([...parameters, ...query], context, settings);
}

/** Request fields by log field and header; what the log writes empty is not stated. */
const LOGGED_HEADERS = [
  ['request-user_agent', 'user-agent'],
  ['request-referer', 'referer'],
  ['request-accept_language', 'accept-language'],
  ['request-content_type', 'content-type'],
  ['request-origin', 'origin'],
] as const;

function contextOf(
  request: SentRequest,
  path: string,
  query: string,
  body: string,
  settings: OracleSettings,
): RequestContext {
  const { headers } = request;
  const fields: Record<string, FlatValue> = { 'request-method': request.method, 'request-uri': path };
  if (query !== '') fields['request-query_string'] = query;
  if (body !== '') fields['request-request_body'] = body;
  for (const [field, name] of LOGGED_HEADERS) {
    const value = headerOf(headers, name);
    if (value) fields[field] = textOfLatin1(value);
  }
  const anonymous = hasHeader(headers, 'sp-anonymous');
  const cookie = anonymous ? undefined : cookieOf(headerOf(headers, 'cookie'), 'sp');
  return {
    userAgent: (fields['request-user_agent'] as string | undefined) ?? null,
    referer: (fields['request-referer'] as string | undefined) ?? null,
    address: anonymous ? undefined : addressOf(headers, settings),
    // A cookie that is no UUID is as good as none: the collector gives a new one.
    networkUserId: anonymous ? ANONYMOUS_ID : cookie !== undefined && isUuid(cookie) ? cookie : undefined,
    fields,
  };
}

function addressOf(headers: SentRequest['headers'], settings: OracleSettings): string | undefined {
  if (hasHeader(headers, 'x-forwarded-for'))
    return headerOf(headers, 'x-forwarded-for')?.split(',', 1)[0]?.trim();
  return settings.clientAddress ?? undefined;
}
