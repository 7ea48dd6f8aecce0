import type { AccessLogLine } from '../contracts/access-log.ts';
import type { IgnoredReason } from './types.ts';

/** What kind of tracker request a line is: where its events are to be looked for. */
export type Endpoint =
  /** `/i`, `/ice.png` and any `/vendor/version`. */
  | { readonly kind: 'tracker'; readonly vendor: string; readonly version: string }
  /** `/r/tp2`. */
  | { readonly kind: 'redirect' };

export type Classified =
  | { readonly class: 'ignored'; readonly why: IgnoredReason }
  | { readonly class: 'refused'; readonly why: string }
  | { readonly class: 'tracker'; readonly method: 'GET' | 'POST'; readonly endpoint: Endpoint };

const PIXEL: Endpoint = { kind: 'tracker', vendor: 'com.snowplowanalytics.snowplow', version: 'tp1' };
const VENDOR_AND_VERSION = /^([\w.-]+)\/([\w.-]+)\/?$/;

/** Tells tracker requests that were answered from those that were refused, and both from everything else. */
export function classify(line: AccessLogLine): Classified {
  const path = withoutQuery(line.uri).replace(/^\//, '');
  // Lines with the required fields only do not say the method: a body means POST.
  const method = line.method || (line.request_body ? 'POST' : 'GET');
  const endpoint = endpointOf(path);
  if (typeof endpoint === 'string') return { class: 'ignored', why: endpoint };
  if (method === 'OPTIONS') return { class: 'ignored', why: 'preflight' };
  if (method === 'HEAD') return { class: 'ignored', why: 'head' };
  const onlyGet = endpoint === PIXEL || endpoint.kind === 'redirect';
  if (method !== 'GET' && (method !== 'POST' || onlyGet)) return { class: 'ignored', why: 'method' };
  if (!/^[23]\d\d$/.test(line.status)) return { class: 'refused', why: `status_${line.status}` };
  return { class: 'tracker', method, endpoint };
}

function endpointOf(path: string): Endpoint | IgnoredReason {
  if (path === 'i' || path === 'ice.png') return PIXEL;
  if (path === 'r/tp2') return { kind: 'redirect' };
  if (path === 'health' || path === 'sink-health') return 'health';
  if (path === 'robots.txt') return 'robots';
  if (path.startsWith('micro/')) return 'test_api';
  const match = VENDOR_AND_VERSION.exec(path);
  return match ? { kind: 'tracker', vendor: match[1]!, version: match[2]! } : 'unknown_path';
}

function withoutQuery(uri: string): string {
  const question = uri.indexOf('?');
  return question < 0 ? uri : uri.slice(0, question);
}
