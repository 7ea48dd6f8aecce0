const MAX_BROWSERS = 1_000_000;

/** The cookies that a collector has set, by browser. Domain, path and `Secure` do not matter: there is one collector. */
export class CookieJar {
  readonly #maxBrowsers: number;
  readonly #browsers = new Map<string, Map<string, string>>();

  /** Beyond that many browsers the one that was made first loses its cookies. */
  constructor(maxBrowsers = MAX_BROWSERS) {
    this.#maxBrowsers = maxBrowsers;
  }

  /** What a browser sends; undefined where it has none. */
  cookies(browser: string): string | undefined {
    const jar = this.#browsers.get(browser);
    if (jar === undefined || jar.size === 0) return undefined;
    let text = '';
    for (const [name, value] of jar) text += `${text === '' ? '' : '; '}${name}=${value}`;
    return text;
  }

  /** Keeps, replaces or deletes cookies as the values of `Set-Cookie` headers say. `now`: Unix time, ms. */
  store(browser: string, setCookies: readonly string[], now: number): void {
    for (const text of setCookies) {
      const cookie = parseSetCookie(text, now);
      if (cookie === null) continue;
      const jar = this.#browsers.get(browser) ?? this.#make(browser);
      if (cookie.expired) jar.delete(cookie.name);
      else jar.set(cookie.name, cookie.value);
    }
  }

  #make(browser: string): Map<string, string> {
    if (this.#browsers.size >= this.#maxBrowsers) this.#browsers.delete(this.#browsers.keys().next().value!);
    const jar = new Map<string, string>();
    this.#browsers.set(browser, jar);
    return jar;
  }
}

interface SetCookie {
  readonly name: string;
  readonly value: string;
  readonly expired: boolean;
}

/** Name and value of a `Set-Cookie` header; null for what no browser would keep. */
export function parseSetCookie(text: string, now: number): SetCookie | null {
  const [pair = '', ...attributes] = text.split(';');
  const equals = pair.indexOf('=');
  if (equals <= 0) return null;
  let expires: number | undefined;
  let maxAge: number | undefined;
  for (const attribute of attributes) {
    const at = attribute.indexOf('=');
    const key = attribute
      .slice(0, at < 0 ? undefined : at)
      .trim()
      .toLowerCase();
    if (key === 'max-age') maxAge = Number(attribute.slice(at + 1));
    else if (key === 'expires') expires = Date.parse(attribute.slice(at + 1));
  }
  const ends = maxAge !== undefined && !Number.isNaN(maxAge) ? now + maxAge * 1000 : expires;
  return {
    name: pair.slice(0, equals).trim(),
    value: pair.slice(equals + 1).trim(),
    expired: ends !== undefined && ends <= now,
  };
}

/** The network user id that an answer sets, by its `Set-Cookie` headers. `now`: Unix time, ms. */
export function networkUserIdOf(setCookies: readonly string[], now: number): string | undefined {
  for (const text of setCookies) {
    if (!text.startsWith('sp=')) continue;
    const cookie = parseSetCookie(text, now);
    if (cookie !== null && !cookie.expired) return cookie.value;
  }
  return undefined;
}
