import { encodeLeniently } from './url-encoding.ts';

/** The parts of a URI as they stand in it, undecoded; null where absent. */
export interface SplitUrl {
  /** The whole, re-encoded where it was no valid URI. */
  readonly text: string;
  readonly scheme: string | null;
  /** Null also for an authority that is no server, e.g. with an underscore. */
  readonly host: string | null;
  /** As given, else 443 for `https` and 80 for everything else. */
  readonly port: number;
  readonly path: string | null;
  readonly query: string | null;
  readonly fragment: string | null;
}

/**
 * Splits a URI by the rules of RFC 2396 as java.net.URI applies them, which the reference uses: characters beyond ASCII
 * are legal, spaces are read as `%20`. A text that is no URI is read leniently, its parts encoded, and split again.
 * Null where even that fails.
 */
export function splitUrl(text: string): SplitUrl | null {
  return split(text.includes(' ') ? text.replaceAll(' ', '%20') : text) ?? split(encodeLeniently(text));
}

const OTHER = '[^\\x00-\\x9f\\p{Z}]';
const ESCAPED = '%[0-9A-Fa-f]{2}';
const legal = (characters: string): RegExp => new RegExp(`^(?:[${characters}]|${ESCAPED}|${OTHER})*$`, 'u');
/** For nearly every URL this decides without the costlier expressions. */
const PLAIN = /^[A-Za-z0-9_\-!.~'()*:@&=+$,;/?]*$/;
const UNRESERVED = "A-Za-z0-9_\\-!.~'()*";
const LEGAL_PATH = legal(`${UNRESERVED}:@&=+$,;/`);
const LEGAL_ANY = legal(`${UNRESERVED};/?:@&=+$,\\[\\]`);
const LEGAL_USER = legal(`${UNRESERVED};:&=+$,`);
const LEGAL_REGISTRY = legal(`${UNRESERVED}$,;:@&=+`);
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;

function split(text: string): SplitUrl | null {
  const hash = text.indexOf('#');
  const fragment = hash < 0 ? null : text.slice(hash + 1);
  const whole = hash < 0 ? text : text.slice(0, hash);
  if (whole === '' || (fragment && !isLegal(fragment, LEGAL_ANY))) return null;

  const colon = whole.search(/[:/?]/);
  const scheme = colon >= 0 && whole[colon] === ':' ? whole.slice(0, colon) : null;
  if (scheme !== null && !SCHEME.test(scheme)) return null;
  const rest = scheme === null ? whole : whole.slice(colon + 1);
  if (scheme !== null && !rest.startsWith('/')) {
    return rest !== '' && isLegal(rest, LEGAL_ANY)
      ? parts(text, scheme, null, null, null, null, fragment)
      : null;
  }

  const question = rest.indexOf('?');
  const query = question < 0 ? null : rest.slice(question + 1);
  if (query && !isLegal(query, LEGAL_ANY)) return null;
  let path = question < 0 ? rest : rest.slice(0, question);
  let server: Server | null = NO_SERVER;
  if (path.startsWith('//')) {
    const slash = path.indexOf('/', 2);
    const authority = slash < 0 ? path.slice(2) : path.slice(2, slash);
    path = slash < 0 ? '' : path.slice(slash);
    if (authority === '' && path === '' && query === null && fragment === null) return null;
    server = splitAuthority(authority);
  }
  if (!server || !isLegal(path, LEGAL_PATH)) return null;
  return parts(text, scheme, server.host, server.port, path, query, fragment);
}

function isLegal(text: string, expression: RegExp): boolean {
  // A question mark is legal in queries and fragments, and there is none in a path.
  return PLAIN.test(text) || expression.test(text);
}

function parts(
  text: string,
  scheme: string | null,
  host: string | null,
  port: number | null,
  path: string | null,
  query: string | null,
  fragment: string | null,
): SplitUrl {
  return {
    text,
    scheme,
    host,
    port: port ?? (scheme === 'https' ? 443 : 80),
    path: path || null,
    query: query || null,
    fragment: fragment || null,
  };
}

interface Server {
  readonly host: string | null;
  readonly port: number | null;
}

const NO_SERVER: Server = { host: null, port: null };

/** Null where the authority is neither a server nor a registry's name. */
function splitAuthority(authority: string): Server | null {
  if (authority === '') return NO_SERVER;
  const at = authority.indexOf('@');
  const hostAndPort = authority.slice(at + 1);
  const bracket = hostAndPort.startsWith('[') ? hostAndPort.indexOf(']') : -1;
  const colon = hostAndPort.indexOf(':', bracket + 1);
  const host = colon < 0 ? hostAndPort : hostAndPort.slice(0, colon);
  const digits = colon < 0 ? '' : hostAndPort.slice(colon + 1);
  const isServer =
    isLegal(authority.slice(0, Math.max(at, 0)), LEGAL_USER) &&
    (bracket > 0 ? isIpv6Literal(host) : isHostName(host)) &&
    /^\d{0,9}$/.test(digits);
  if (isServer) return { host, port: digits === '' ? null : Number(digits) };
  return LEGAL_REGISTRY.test(authority) ? NO_SERVER : null;
}

function isIpv6Literal(host: string): boolean {
  return /^\[[0-9A-Fa-f:.]{2,45}(?:%[\w.~-]{1,30})?\]$/.test(host);
}

/** Labels of letters, digits and inner hyphens; the last begins with a letter, or all is an IPv4 address. */
function isHostName(host: string): boolean {
  const labels = (host.endsWith('.') ? host.slice(0, -1) : host).split('.');
  const valid = labels.every(
    (label) => /^[A-Za-z0-9-]+$/.test(label) && !label.startsWith('-') && !label.endsWith('-'),
  );
  if (!valid) return false;
  return (
    /^[A-Za-z]/.test(labels[labels.length - 1]!) ||
    (labels.length === 4 && labels.every((label) => /^\d{1,3}$/.test(label) && Number(label) < 256))
  );
}
