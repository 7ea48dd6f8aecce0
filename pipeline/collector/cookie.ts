import { randomUUID } from 'node:crypto';
import type { LogTime } from './log-time.ts';
import type { CollectorSettings } from './settings.ts';
import { queryArgument } from './target.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The value of a cookie as Nginx finds it (`$cookie_<name>`): the first one of that name in any letter case, cookies parted by semicolons or
 * commas, the value up to a semicolon; empty where there is none.
 */
export function cookieValue(header: string, name: string): string {
  for (let start = 0; start < header.length; ) {
    if (header.slice(start, start + name.length).toLowerCase() === name.toLowerCase()) {
      const equals = skipSpaces(header, start + name.length);
      if (header[equals] === '=') {
        const semicolon = header.indexOf(';', equals);
        const end = semicolon === -1 ? header.length : semicolon;
        return header.slice(Math.min(skipSpaces(header, equals + 1), end), end);
      }
      start = equals;
    }
    while (start < header.length && header[start] !== ';' && header[start] !== ',') start++;
    start = skipSpaces(header, start + 1);
  }
  return '';
}

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ') at++;
  return at;
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
