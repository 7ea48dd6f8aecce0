import { randomUUID } from 'node:crypto';
import type { LogTime } from './log-time.ts';
import type { CollectorSettings } from './settings.ts';
import { queryArgument } from './target.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The value of a cookie, as it is in the header; empty where there is none. The first one counts. */
export function cookieValue(header: string, name: string): string {
  for (let start = 0; start < header.length; ) {
    while (header[start] === ' ') start++;
    const semicolon = header.indexOf(';', start);
    const end = semicolon === -1 ? header.length : semicolon;
    if (header.startsWith(name, start) && header[start + name.length] === '=') {
      return header.slice(start + name.length + 1, end).trim();
    }
    start = end + 1;
  }
  return '';
}

/** The cookie that carries the network user id. */
export class NetworkUserCookie {
  private readonly name: string;
  private readonly attributes: string;
  private readonly enabled: boolean;
  private readonly time: LogTime;

  constructor(settings: CollectorSettings, time: LogTime) {
    this.name = settings.cookieName;
    this.enabled = settings.cookieMaxAge > 0;
    this.time = time;
    this.attributes = [
      ...(settings.cookieDomain === '' ? [] : [`Domain=${settings.cookieDomain}`]),
      'Path=/',
      ...(settings.cookieSecure ? ['Secure'] : []),
      'HttpOnly',
      `SameSite=${settings.cookieSameSite}`,
    ].join('; ');
  }

  /**
   * Whose request it is: the `nuid` parameter, else the cookie, else somebody new. What is no UUID is taken for absent: kept,
   * it would make every later event of that visitor fail. Empty where no cookie is to be set.
   */
  userId(query: string, cookies: string): string {
    if (!this.enabled) return '';
    const given = queryArgument(query, 'nuid');
    if (given !== '' && UUID.test(given)) return given;
    const kept = cookies === '' ? '' : cookieValue(cookies, this.name);
    return UUID.test(kept) ? kept : randomUUID();
  }

  /** The value of `Set-Cookie` that sets or renews it. */
  header(userId: string): string {
    return `${this.name}=${userId}; Expires=${this.time.cookieExpires()}; ${this.attributes}`;
  }
}
