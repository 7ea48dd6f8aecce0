import { isUtf8 } from 'node:buffer';

/** A page or referrer URL in its parts, as the event carries them. */
export interface UriParts {
  /** The whole, escaped where it had to be. */
  readonly uri: string;
  readonly scheme: string | null;
  readonly host: string | null;
  readonly port: number;
  readonly path: string | null;
  readonly query: string | null;
  readonly fragment: string | null;
}

// The grammar of java.net.URI, which the reference parses with: RFC 2396 with IPv6 literals and "other" characters.
const OTHER = '[^\\u0000-\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const PCHAR = `[a-zA-Z0-9_\\-!.~'()*,;:$&+=@]|%[0-9a-fA-F]{2}|${OTHER}`;
const URIC = `[a-zA-Z0-9_\\-!.~'()*,;:$&+=@?/[\\]]|%[0-9a-fA-F]{2}|${OTHER}`;
const PATH = new RegExp(`^(?:${PCHAR}|/)*$`);
const ANYTHING = new RegExp(`^(?:${URIC})*$`);
const SCHEME = /^[a-zA-Z][a-zA-Z0-9+\-.]*$/;
const REGISTRY_NAME = new RegExp(`^(?:[a-zA-Z0-9_\\-!.~'()*,;:$&+=@]|%[0-9a-fA-F]{2}|${OTHER})+$`);
const SERVER =
  /^(?:[a-zA-Z0-9_\-!.~'()*,;:$&+=%]*@)?((?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?\.)*[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?\.?|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\])(?::(\d*))?$/;
const SIMPLE_PATH = /^[a-zA-Z0-9_\-!.~'()*,;:$&+=@/]*$/;
const SIMPLE_QUERY = /^[a-zA-Z0-9_\-!.~'()*,;:$&+=@?/[\]]*$/;

/**
 * The parts of a URL. Null where it is refused; undefined where it is accepted in some rewritten form that the oracle
 * does not undertake to predict. A URL that the strict grammar refuses (`|`, `{`, a bare `%`, a second `#`) is escaped
 * part by part and then accepted.
 */
export function parseUri(text: string): UriParts | null | undefined {
  const spaced = text.includes(' ') ? text.replaceAll(' ', '%20') : text;
  return parseStrictly(spaced) ?? parseLeniently(text);
}

function split(text: string): { scheme: string | null; rest: string; fragment: string | null } {
  const hash = text.indexOf('#');
  const fragment = hash < 0 ? null : text.slice(hash + 1);
  const rest = hash < 0 ? text : text.slice(0, hash);
  const colon = rest.indexOf(':');
  const slash = rest.search(/[/?]/);
  if (colon < 0 || (slash >= 0 && slash < colon)) return { scheme: null, rest, fragment };
  return { scheme: rest.slice(0, colon), rest: rest.slice(colon + 1), fragment };
}

function parseStrictly(text: string): UriParts | undefined {
  const { scheme, rest, fragment } = split(text);
  if (scheme !== null && !SCHEME.test(scheme)) return undefined;
  if (fragment !== null && !matches(SIMPLE_QUERY, ANYTHING, fragment)) return undefined;
  if (scheme !== null && rest === '') return undefined;
  const port = scheme === 'https' ? 443 : 80;
  if (scheme !== null && !rest.startsWith('/')) {
    if (!ANYTHING.test(rest)) return undefined;
    return { uri: text, scheme, host: null, port, path: null, query: null, fragment };
  }
  const question = rest.indexOf('?');
  const query = question < 0 ? null : rest.slice(question + 1);
  let path = question < 0 ? rest : rest.slice(0, question);
  if (query !== null && !matches(SIMPLE_QUERY, ANYTHING, query)) return undefined;
  let host: string | null = null;
  let given: string | undefined;
  if (path.startsWith('//')) {
    const end = path.indexOf('/', 2);
    const authority = end < 0 ? path.slice(2) : path.slice(2, end);
    path = end < 0 ? '' : path.slice(end);
    if (authority === '') {
      if (path === '' && query === null) return undefined;
    } else {
      const server = SERVER.exec(authority);
      if (server && Number(server[2] ?? 0) <= 2_147_483_647) {
        host = server[1]!;
        given = server[2];
      } else if (!REGISTRY_NAME.test(authority)) return undefined;
    }
  }
  if (!matches(SIMPLE_PATH, PATH, path)) return undefined;
  return { uri: text, scheme, host, port: given ? Number(given) : port, path, query, fragment };
}

/** The usual case is tried with a character class alone: it cannot backtrack and is several times faster. */
function matches(simple: RegExp, full: RegExp, text: string): boolean {
  return simple.test(text) || full.test(text);
}

const LENIENT =
  /^(?:([a-zA-Z][a-zA-Z0-9+\-.]*):\/\/([a-zA-Z0-9.-]+)(?::(\d{1,5}))?)?([^?#]*)(?:\?([^#]*))?(?:#([\s\S]*))?$/;
const RESERVED = /[:/?#[\]@!$&'()*,;= %<>{}^`|\\"\u0080-\uffff]/g;

function parseLeniently(text: string): UriParts | null | undefined {
  if (/^[a-zA-Z][a-zA-Z0-9+\-.]*:\/\/$/.test(text)) return null;
  const match = LENIENT.exec(text);
  if (!match) return undefined;
  const [, scheme, host, port, path = '', query, fragment] = match;
  // Without scheme and host only a plain relative path is within what has been observed.
  if (scheme === undefined && (path.startsWith('//') || SCHEME.test(path.slice(0, path.indexOf(':')))))
    return undefined;
  if (scheme !== undefined && path !== '' && !path.startsWith('/')) return undefined;
  // What becomes of escaped bytes that are no UTF-8 has not been observed.
  if (!isUtf8(Buffer.from(decodeEscapes(text), 'latin1'))) return undefined;
  const escapedPath = path.split('/').map(escapePart).join('/');
  const escapedQuery = query
    ?.split('&')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals < 0
        ? escapePart(pair)
        : `${escapePart(pair.slice(0, equals))}=${escapePart(pair.slice(equals + 1))}`;
    })
    .join('&');
  const escapedFragment = fragment === undefined ? undefined : escapePart(fragment);
  const origin = scheme === undefined ? '' : `${scheme}://${host}${port === undefined ? '' : `:${port}`}`;
  return {
    uri:
      origin +
      escapedPath +
      (escapedQuery === undefined ? '' : `?${escapedQuery}`) +
      (escapedFragment === undefined ? '' : `#${escapedFragment}`),
    scheme: scheme ?? null,
    host: host ?? null,
    port: port !== undefined ? Number(port) : scheme === 'https' ? 443 : 80,
    path: escapedPath,
    query: escapedQuery ?? null,
    fragment: escapedFragment ?? null,
  };
}

/** Decodes what is validly escaped, then escapes all that is reserved except `+`. */
function escapePart(part: string): string {
  return decodeEscapes(part).replace(
    RESERVED,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** UTF-8 bytes, one character a byte. */
function decodeEscapes(text: string): string {
  return Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/%([0-9a-fA-F]{2})/g, (_all, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}
