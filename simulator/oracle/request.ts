import type { Header } from '../plan/request.ts';

/** An HTTP request as it goes over the wire. In target and headers each character is one byte (latin1). */
export interface SentRequest {
  readonly method: string;
  /** Path and query, as on the request line. */
  readonly target: string;
  readonly headers: readonly Header[];
  /** Text is sent as UTF-8. */
  readonly body: Buffer | string | null;
}

/** What kind of address a request was sent to. */
export type Endpoint =
  /** `/i`, `/ice.png`: the query string is the event. */
  | 'pixel'
  /** The tracker's own path: an event in the query string, or a batch in the body. */
  | 'tracker'
  /** Some other `/vendor/version`: accepted by the collector, refused by the parser. */
  | 'vendor'
  /** `/r/tp2` (off unless domains are listed), and a vendor path with a slash too much: not found. */
  | 'not_found'
  | 'none';

const VENDOR_PATH = /^\/[\w.-]+\/[\w.-]+(\/?)$/;

/** Where the path of a target leads. */
export function endpointOf(path: string): Endpoint {
  if (path === '/i' || path === '/ice.png') return 'pixel';
  if (path === '/com.snowplowanalytics.snowplow/tp2' || path === '/com.snowplowanalytics.snowplow/tp1')
    return 'tracker';
  if (path === '/r/tp2') return 'not_found';
  const match = VENDOR_PATH.exec(path);
  if (match === null || path.startsWith('/micro/')) return 'none';
  return match[1] === '/' ? 'not_found' : 'vendor';
}

/** The value of a header that is there once; undefined where it is missing or repeated. */
export function headerOf(headers: readonly Header[], name: string): string | undefined {
  let value: string | undefined;
  for (const header of headers) {
    if (header[0].length !== name.length || header[0].toLowerCase() !== name) continue;
    if (value !== undefined) return undefined;
    value = header[1];
  }
  return value?.trim();
}

export function hasHeader(headers: readonly Header[], name: string): boolean {
  return headers.some((header) => header[0].length === name.length && header[0].toLowerCase() === name);
}

/** The value of a cookie in a `cookie` header. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  if (header === undefined || !header.includes(name)) return undefined;
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}
