import { createHash } from 'node:crypto';
import { type AccessLogLine, REQUIRED_ACCESS_LOG_FIELDS } from '../contracts/access-log.ts';
import type { ExactJson } from '../contracts/json.ts';
import type { FailureError } from '../contracts/messages.ts';
import { isTooDeep, MAX_DEPTH } from './bounded-json.ts';

/** Where a line stood in the access log, as far as the envelope says. */
export interface LogPosition {
  readonly path?: string | undefined;
  /** Byte offset of the line's start. */
  readonly offset?: number | undefined;
}

/** A record of `tracking_raw`, read. */
export interface RawRecord {
  readonly line: AccessLogLine;
  readonly log: LogPosition;
  /** The envelope's `@timestamp`, ms; undefined for a bare line. */
  readonly shippedAt?: number | undefined;
}

/** Reads what the shipper sends: Filebeat's envelope around a line, or a bare line. */
export function parseRaw(text: string): RawRecord | { readonly error: FailureError } {
  const json = parseObject(text);
  if ('error' in json) return json;
  const { object } = json;
  const log = logPosition(object.log);
  if (typeof object.message !== 'string' || typeof object.uri === 'string')
    return withLine(object, log, undefined);
  const inner = parseObject(object.message);
  if ('error' in inner) return inner;
  const stamp = typeof object['@timestamp'] === 'string' ? Date.parse(object['@timestamp']) : Number.NaN;
  return withLine(inner.object, log, Number.isNaN(stamp) ? undefined : stamp);
}

type JsonObject = Record<string, unknown>;

function parseObject(text: string): { object: JsonObject } | { error: FailureError } {
  if (isTooDeep(text)) return refuse('json_too_deep', `nested deeper than ${MAX_DEPTH}`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return refuse('invalid_json', error instanceof Error ? error.message : 'not JSON');
  }
  if (json === null || typeof json !== 'object' || Array.isArray(json))
    return refuse('not_an_object', 'not an object');
  return { object: json as JsonObject };
}

function withLine(
  object: JsonObject,
  log: LogPosition,
  shippedAt: number | undefined,
): RawRecord | { error: FailureError } {
  for (const field of REQUIRED_ACCESS_LOG_FIELDS) {
    if (!Object.hasOwn(object, field))
      return refuse('missing_field', 'a line of the access log has it', field);
  }
  let texts = true;
  for (const name of Object.keys(object)) {
    const value = object[name];
    if (typeof value === 'string') continue;
    texts = false;
    if (value !== null && typeof value === 'object' && !ENVELOPE_FIELDS.has(name)) {
      return refuse('not_text', 'the fields of a line are text', name.slice(0, 100));
    }
  }
  const line = (texts ? object : onlyTexts(object)) as AccessLogLine;
  return { line, log, shippedAt };
}

/** What Filebeat adds beside the fields of a line that it has decoded itself. */
const ENVELOPE_FIELDS: ReadonlySet<string> = new Set([
  '@metadata',
  'log',
  'input',
  'agent',
  'ecs',
  'fields',
  'tags',
]);

/** Numbers and booleans as text, null as empty, the envelope's objects left out. Also right for a key `__proto__`. */
function onlyTexts(object: JsonObject): Record<string, string> {
  const texts = Object.entries(object)
    .filter(([, value]) => value === null || typeof value !== 'object')
    .map(([name, value]) => [name, value === null ? '' : String(value)] as const);
  return Object.fromEntries(texts);
}

function logPosition(log: unknown): LogPosition {
  if (log === null || typeof log !== 'object') return {};
  const { offset, file } = log as { offset?: unknown; file?: { path?: unknown } | null };
  const path = file?.path;
  return {
    path: typeof path === 'string' ? path : undefined,
    offset: Number.isSafeInteger(offset) ? (offset as number) : undefined,
  };
}

function refuse(code: string, message: string, field?: string): { error: FailureError } {
  return { error: field === undefined ? { code, message } : { code, field, message } };
}

/** A longer text would not fit into a record once more escaped. */
const LONGEST_TEXT = 1_048_576;
const HEAD = 65_536;

/** A text for a failure's payload: whole, or where it is too large its head, length and hash. */
export function boundedText(text: string): ExactJson {
  if (text.length <= LONGEST_TEXT) return text;
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { head: text.slice(0, HEAD), bytes: Buffer.byteLength(text), sha256 };
}
