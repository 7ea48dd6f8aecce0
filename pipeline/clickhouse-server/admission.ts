import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { RequestRefused } from './failures.ts';

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;
const LOOPBACK_ADDRESS = /^(localhost|127(\.\d{1,3}){3}|::1)$/i;

export interface Admission {
  /** The address listened on. */
  readonly host: string;
  readonly user: string;
  /** Empty: credentials are not checked. */
  readonly password: string;
}

/**
 * Refuses what is no client of ours. The engine can read any file of its user, so a web page must not reach it
 * through the visitor's browser: neither from another site nor by a name that was made to point here.
 *
 * @throws RequestRefused
 */
export function admit(request: IncomingMessage, url: URL, rules: Admission): void {
  const site = request.headers['sec-fetch-site'];
  const { origin, host } = request.headers;
  const foreignPage = site !== undefined && site !== 'same-origin' && site !== 'none';
  if (foreignPage || (origin !== undefined && URL.parse(origin)?.host !== host)) {
    throw new RequestRefused(
      403,
      516,
      'AUTHENTICATION_FAILED',
      'requests from pages of other sites are not taken',
    );
  }
  if (LOOPBACK_ADDRESS.test(rules.host) && host !== undefined && !LOOPBACK_HOST.test(host)) {
    throw new RequestRefused(403, 516, 'AUTHENTICATION_FAILED', 'this server answers to loopback names only');
  }
  if (rules.password === '') return;
  const given = credentials(request, url);
  if (!same(given.user, rules.user) || !same(given.password, rules.password)) {
    throw new RequestRefused(
      403,
      516,
      'AUTHENTICATION_FAILED',
      'Authentication failed: password is incorrect, or there is no user with such name',
    );
  }
}

function credentials(request: IncomingMessage, url: URL): { user: string; password: string } {
  const basic = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? '');
  if (basic) {
    const text = Buffer.from(basic[1]!, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    return { user: text.slice(0, Math.max(colon, 0)), password: text.slice(colon + 1) };
  }
  const header = (name: string) => String(request.headers[name] ?? '');
  return {
    user: header('x-clickhouse-user') || (url.searchParams.get('user') ?? 'default'),
    password: header('x-clickhouse-key') || (url.searchParams.get('password') ?? ''),
  };
}

function same(given: string, wanted: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(wanted);
  return a.length === b.length && timingSafeEqual(a, b);
}
