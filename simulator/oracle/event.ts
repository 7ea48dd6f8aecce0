import type { ExactJson } from '../../pipeline/contracts/json.ts';
import type { FlatValue } from '../../pipeline/contracts/messages.ts';
import { visitorKey } from '../../pipeline/contracts/visitor.ts';
import { anonymise } from './address.ts';
import { decodeBase64, type Entity, flattenEntities, readContexts, readUnstruct } from './entities.ts';
import { fingerprint } from './fingerprint.ts';
import { readJson } from './json.ts';
import { FlatNames } from './names.ts';
import { EVENT_CODES, EVENT_SCHEMAS, MAX_LENGTH, PARAMETERS, PLATFORMS } from './parameters.ts';
import { parseQuery, type ReceivedParameter } from './query.ts';
import type { OracleSettings } from './settings.ts';
import { cleanText } from './text.ts';
import { parseUri } from './uri.ts';
import {
  REFUSED,
  readDecimal,
  readDimensions,
  readFlag,
  readInteger,
  readTimestamp,
  readUuid,
  UNSTATED,
} from './values.ts';

/** What a request gives to each of its events, beyond the parameters. */
export interface RequestContext {
  readonly userAgent: string | null;
  readonly referer: string | null;
  /** Where the request came from; undefined where nothing is known of it. */
  readonly address: string | undefined;
  /** The network user id that the request itself settles; undefined where the collector's answer does. */
  readonly networkUserId: string | undefined;
  /** Values that are the same for all events of the request. */
  readonly fields: Record<string, FlatValue>;
}

/** What should become of one event. */
export interface EventVerdict {
  readonly id: string | null;
  readonly visitor: string | null;
  readonly expect: 'processed' | 'failed';
  readonly why: string | null;
  readonly fields: Readonly<Record<string, FlatValue>>;
}

const EVENT_NAMES = new FlatNames('event');
const QUERY_NAMES = new FlatNames('query');

/** Atomic fields by name; null: surely empty, missing: not stated. */
type Atomic = Map<string, FlatValue | null>;

const failed = (why: string, id: string | null = null): EventVerdict => ({
  id,
  visitor: null,
  expect: 'failed',
  why,
  fields: {},
});

/** What should become of the event that these parameters describe. */
export function expectEvent(
  received: readonly ReceivedParameter[],
  context: RequestContext,
  settings: OracleSettings,
): EventVerdict {
  const parameters = new Map<string, string>();
  let valueless = false;
  for (const [name, value] of received) {
    if (value === null) valueless = true;
    else parameters.set(name, value);
  }
  const atomic: Atomic = new Map();
  const entities: Entity[] = [];
  const why =
    readParameters(parameters, atomic, entities) ?? completeEvent(parameters, atomic, context, settings);
  const id = (atomic.get('event_id') as string | undefined) ?? null;
  if (why !== null) return failed(why, id);

  const fields: Record<string, FlatValue> = { ...context.fields };
  if (atomic.get('event') === 'unstruct') stateUnstruct(entities, atomic);
  if (!valueless) fields['event-event_fingerprint'] = fingerprint(parameters, settings.fingerprintExcludes);
  for (const [name, value] of atomic) if (value !== null) fields[EVENT_NAMES.of(name)] = value;
  stateQuery(received, fields);
  flattenEntities(entities, fields);
  return { id, visitor: visitorOf(atomic, id), expect: 'processed', why: null, fields };
}

function readParameters(
  parameters: ReadonlyMap<string, string>,
  atomic: Atomic,
  entities: Entity[],
): string | null {
  const twice = new Set<string>();
  const documents = new Map<string, ExactJson>();
  for (const [name, text] of parameters) {
    const parameter = PARAMETERS.get(name);
    if (parameter === undefined) continue;
    const field = parameter.fields[0]!;
    let value: FlatValue | null | typeof REFUSED | typeof UNSTATED;
    switch (parameter.kind) {
      case 'text':
        value = cleanText(text);
        break;
      case 'uuid':
        value = readUuid(text);
        break;
      case 'integer':
        value = readInteger(text);
        break;
      case 'decimal':
        value = readDecimal(text);
        break;
      case 'flag':
        value = readFlag(text);
        break;
      case 'timestamp':
        value = readTimestamp(text);
        break;
      case 'dimensions': {
        const both = readDimensions(text);
        if (both !== REFUSED) atomic.set(parameter.fields[1]!, both[1]);
        value = both === REFUSED ? REFUSED : both[0];
        break;
      }
      case 'event_code':
        value = EVENT_CODES[text] ?? REFUSED;
        break;
      case 'platform':
        value = PLATFORMS.has(text) ? text : REFUSED;
        break;
      case 'address':
        value = cleanText(text.split(',', 1)[0]!.trim());
        break;
      case 'url':
        value = cleanText(text);
        break;
      case 'json':
      case 'base64_json': {
        const document = readJson(parameter.kind === 'json' ? text : decodeBase64(text));
        if (document === undefined) return `${name}: not JSON`;
        // Of a plain and an encoded one the encoded one counts.
        if (parameter.kind === 'base64_json' || !documents.has(field)) documents.set(field, document);
        continue;
      }
    }
    if (value === REFUSED) return `${name}: not ${parameter.kind}`;
    if (typeof value === 'string' && value.length > (MAX_LENGTH[field] ?? Number.POSITIVE_INFINITY))
      return `${name}: ${field} too long`;
    if (atomic.has(field)) twice.add(field);
    if (value !== UNSTATED) atomic.set(field, value);
  }
  // Two parameters for one field: the reference lets chance decide, so nothing is said.
  for (const field of twice) atomic.delete(field);
  if (atomic.get('event') === undefined) return 'e: missing';
  return readEntities(documents, entities);
}

/** Contexts first, then the event: in this order values of one name follow each other. */
function readEntities(documents: ReadonlyMap<string, ExactJson>, entities: Entity[]): string | null {
  const contexts = documents.get('contexts');
  if (contexts !== undefined) {
    const read = readContexts(contexts);
    if (read === null) return 'contexts: malformed';
    entities.push(...read);
  }
  const unstruct = documents.get('unstruct_event');
  if (unstruct !== undefined) {
    const event = readUnstruct(unstruct);
    if (event === null) return 'unstruct event: malformed';
    entities.push(event);
  }
  return null;
}

/** The fields that come from the request, and those that follow from others. */
function completeEvent(
  parameters: ReadonlyMap<string, string>,
  atomic: Atomic,
  context: RequestContext,
  settings: OracleSettings,
): string | null {
  if (parameters.get('cv') !== undefined && atomic.get('v_collector') === null) return 'cv: empty';
  if (!parameters.has('ua') && context.userAgent !== null) {
    if (context.userAgent.length > MAX_LENGTH.useragent!) return 'user agent too long';
    atomic.set('useragent', cleanText(context.userAgent));
  }
  stateAddress(parameters, atomic, context, settings);
  if (!parameters.has('tnuid') && !parameters.has('nuid') && context.networkUserId !== undefined)
    atomic.set('network_userid', context.networkUserId);

  const schema = EVENT_SCHEMAS[atomic.get('event') as string];
  if (schema) {
    atomic.set('event_vendor', schema.vendor);
    atomic.set('event_name', schema.name);
    atomic.set('event_format', 'jsonschema');
    atomic.set('event_version', '1-0-0');
  }
  const trueTimestamp = atomic.get('true_tstamp');
  if (trueTimestamp) atomic.set('derived_tstamp', trueTimestamp);

  const url = parameters.has('url') ? atomic.get('page_url') : cleanText(context.referer ?? '');
  if (typeof url === 'string') {
    const why = stateUrl('page', url, atomic) ?? stateQueryOfPage(atomic, settings);
    if (why !== null) return why;
  }
  const referrer = atomic.get('page_referrer');
  return typeof referrer === 'string' ? stateUrl('refr', referrer, atomic) : null;
}

function stateAddress(
  parameters: ReadonlyMap<string, string>,
  atomic: Atomic,
  context: RequestContext,
  settings: OracleSettings,
): void {
  const address = parameters.has('ip') ? atomic.get('user_ipaddress') : context.address;
  atomic.delete('user_ipaddress');
  if (typeof address !== 'string') return;
  const masked = anonymise(address, settings.anonymisedOctets, settings.anonymisedSegments);
  if (masked !== undefined) atomic.set('user_ipaddress', masked);
}

const URL_PARTS = ['scheme', 'host', 'port', 'path', 'query', 'fragment'] as const;

function stateUrl(prefix: 'page' | 'refr', url: string, atomic: Atomic): string | null {
  const parts = parseUri(url);
  if (parts === null) return `${prefix === 'page' ? 'url' : 'refr'}: not a URL`;
  if (parts === undefined) {
    if (prefix === 'page') atomic.delete('page_url');
    return null;
  }
  for (const part of URL_PARTS) {
    const name = `${prefix}_url${part}`;
    const value = parts[part];
    if (typeof value === 'string' && value.length > MAX_LENGTH[name]!) return `${name} too long`;
    atomic.set(name, value === '' ? null : value);
  }
  if (prefix === 'page') {
    if (parts.uri.length > MAX_LENGTH.page_url!) return 'page_url too long';
    atomic.set('page_url', parts.uri);
  }
  return null;
}

/** Campaign parameters, click ids and the cross-domain parameter, out of the page URL's query. */
function stateQueryOfPage(atomic: Atomic, settings: OracleSettings): string | null {
  const query = atomic.get('page_urlquery');
  if (typeof query !== 'string') return null;
  const parameters = new Map<string, string>();
  for (const [name, value] of parseQuery(query) ?? []) if (value !== null) parameters.set(name, value);
  for (const field in settings.campaign) {
    const name = settings.campaign[field]!.find((candidate) => parameters.has(candidate));
    const value = name === undefined ? null : cleanText(parameters.get(name)!);
    if (value !== null && value.length > MAX_LENGTH[field]!) return `${field} too long`;
    atomic.set(field, value);
  }
  const ids = Object.keys(settings.clickIds).filter((name) => parameters.has(name));
  if (ids.length === 1) {
    const value = cleanText(parameters.get(ids[0]!)!);
    if (value !== null && value.length > MAX_LENGTH.mkt_clickid!) return 'mkt_clickid too long';
    atomic.set('mkt_clickid', value);
    atomic.set('mkt_network', value === null ? null : settings.clickIds[ids[0]!]!);
  }
  return stateCrossDomain(parameters.get('_sp'), atomic);
}

function stateCrossDomain(value: string | undefined, atomic: Atomic): string | null {
  if (value === undefined || value === '') return null;
  const [visitor = '', time = ''] = value.split('.');
  const id = cleanText(visitor);
  if (id !== null && id.length > MAX_LENGTH.refr_domain_userid!) return 'refr_domain_userid too long';
  atomic.set('refr_domain_userid', id);
  if (time === '') return null;
  const read = readTimestamp(time);
  if (read === REFUSED) return '_sp: not a timestamp';
  atomic.set('refr_dvce_tstamp', read);
  return null;
}

/** An event that describes itself is named after its schema. Contexts never are: the event comes from `ue_pr`, `ue_px`. */
function stateUnstruct(entities: readonly Entity[], atomic: Atomic): void {
  const event = entities.find((entity) => entity.isEvent);
  if (event === undefined) return;
  atomic.set('event_vendor', event.vendor);
  atomic.set('event_name', event.name);
  atomic.set('event_format', event.format);
  atomic.set('event_version', event.version);
}

/** The parameters as received; of those that occur twice the last. */
function stateQuery(received: readonly ReceivedParameter[], fields: Record<string, FlatValue>): void {
  for (const [name, value] of received) {
    if (value === null) continue;
    const field = QUERY_NAMES.of(name);
    if (value !== '') fields[field] = value;
    else delete fields[field];
  }
}

function visitorOf(atomic: Atomic, id: string | null): string | null {
  const domainUserId = atomic.get('domain_userid');
  if (typeof domainUserId === 'string') return domainUserId;
  const networkUserId = atomic.get('network_userid');
  if (networkUserId === undefined) return null;
  if (id === null) return null;
  return visitorKey({ network_userid: (networkUserId as string | null) ?? undefined, event_id: id }).key;
}
