/**
 * The two ways in which the tracker writes an event: as a query string (GET) and as an object in a JSON body (POST).
 * Both are written as text from the start, so that what a browser or a page keeps constant is encoded only once.
 */
export interface Encoding {
  /** `GET` writes `name=value`, `POST` writes `"name":"value"`. */
  readonly method: 'GET' | 'POST';
  /** Stands between two parameters. */
  readonly glue: '&' | ',';
  /** One parameter. */
  pair(name: string, value: string): string;
  /** One parameter whose value is of characters that neither way escapes: an id, a number, `1280x720`, base64url. */
  plain(name: string, value: string | number): string;
  /** A value that is put together from parts, each through `part`: `open(name) + part(a) + part(b) + close`. */
  open(name: string): string;
  part(text: string): string;
  readonly close: string;
}

export const QUERY: Encoding = {
  method: 'GET',
  glue: '&',
  pair: (name, value) => `${name}=${encodeURIComponent(value)}`,
  plain: (name, value) => `${name}=${value}`,
  open: (name) => `${name}=`,
  part: encodeURIComponent,
  close: '',
};

export const JSON_BODY: Encoding = {
  method: 'POST',
  glue: ',',
  pair: (name, value) => `"${name}":${JSON.stringify(value)}`,
  plain: (name, value) => `"${name}":"${value}"`,
  open: (name) => `"${name}":"`,
  part: (text) => JSON.stringify(text).slice(1, -1),
  close: '"',
};

/** Parameters one after the other; the tracker leaves out those without a value. */
export function encodePairs(
  encoding: Encoding,
  pairs: readonly (readonly [name: string, value: string | null | undefined])[],
): string {
  let text = '';
  for (const [name, value] of pairs) {
    if (value === null || value === undefined || value === '') continue;
    text += text === '' ? encoding.pair(name, value) : encoding.glue + encoding.pair(name, value);
  }
  return text;
}

/** The path of a GET request; `stm`, the time of sending, comes first. */
export function getTarget(event: string, sentAt: number): string {
  return `/i?stm=${sentAt}&${event}`;
}

export const POST_PATH = '/com.snowplowanalytics.snowplow/tp2';
const BODY_HEAD = '{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[';

/** The body of a POST request of one or more events; `stm` comes last in each. */
export function postBody(events: readonly string[], sentAt: number): string {
  let body = BODY_HEAD;
  for (let i = 0; i < events.length; i++) {
    body += `${i === 0 ? '' : ','}{${events[i]},"stm":"${sentAt}"}`;
  }
  return `${body}]}`;
}
