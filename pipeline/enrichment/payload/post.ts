import type { AccessLogLine } from '../../contracts/access-log.ts';
import type { ExactJson } from '../../contracts/json.ts';
import type { FailureError } from '../../contracts/messages.ts';
import { parseBoundedJson } from '../bounded-json.ts';
import { readSelfDescribing } from '../self-describing.ts';
import type { Parameters } from '../types.ts';
import { type Payload, refusePayload, type Sent } from './payload.ts';
import { PAYLOAD_PARAMETERS, REQUIRED_PAYLOAD_PARAMETERS } from './payload-data.ts';

const CONTENT_TYPES: ReadonlySet<string> = new Set([
  'application/json',
  'application/json; charset=utf-8',
  'application/json; charset=UTF-8',
]);

/**
 * The events of a POST: self-describing `payload_data`. What concerns the payload refuses it whole, what concerns one
 * event only that one. Parameters of the query string override those of every event.
 */
export function postedParameters(line: AccessLogLine, query: Parameters): Payload {
  const { content_type: contentType, request_body: body } = line;
  if (body === '') return refusePayload('empty_body', 'body', 'a POST without a body holds no event');
  // A request need not say its content type, and lines with the required fields only cannot.
  if (contentType && !CONTENT_TYPES.has(contentType)) {
    return refusePayload('content_type', 'content_type', `none of ${[...CONTENT_TYPES].join(', ')}`);
  }
  const parsed = parseBoundedJson(body);
  if ('refusal' in parsed) return { errors: [{ ...parsed.refusal, field: 'body' }] };
  const payload = readSelfDescribing(parsed.value);
  if (!payload) return refusePayload('invalid_payload', 'body', 'not a self-describing JSON');
  const { key } = payload;
  const known =
    key.vendor === 'com.snowplowanalytics.snowplow' && key.name === 'payload_data'
      ? PAYLOAD_PARAMETERS.get(key.version)
      : undefined;
  if (!known) return refusePayload('unknown_schema', 'schema', `${payload.schema} is no known payload_data`);
  if (!Array.isArray(payload.data) || payload.data.length === 0) {
    return refusePayload('invalid_payload', 'data', 'not a list of at least one event');
  }
  return { events: payload.data.map((item) => postedEvent(item, known, query)) };
}

function postedEvent(item: ExactJson, known: ReadonlySet<string>, query: Parameters): Sent {
  if (item === null || typeof item !== 'object' || Array.isArray(item)) {
    return { errors: [{ code: 'invalid_event', message: 'not an object' }], parameters: null };
  }
  const parameters = new Map<string, string>();
  let errors: FailureError[] | undefined;
  for (const name of Object.keys(item)) {
    const value = item[name];
    if (typeof value !== 'string') {
      errors = fail(errors, 'not_a_string', name, 'values are strings');
    } else {
      parameters.set(name, value);
      if (!known.has(name)) errors = fail(errors, 'unknown_parameter', name, 'not in the payload schema');
    }
  }
  for (const name of REQUIRED_PAYLOAD_PARAMETERS) {
    if (!Object.hasOwn(item, name)) errors = fail(errors, 'missing_parameter', name, 'is required');
  }
  if (errors) return { errors, parameters };
  for (const [name, value] of query) parameters.set(name, value);
  return { parameters };
}

/** Enough to see what is wrong; an event of a thousand unknown parameters does not need a thousand errors. */
const MOST_ERRORS = 20;

function fail(
  errors: FailureError[] | undefined,
  code: string,
  field: string,
  message: string,
): FailureError[] {
  const all = errors ?? [];
  if (all.length < MOST_ERRORS) all.push({ code, field, message });
  return all;
}
