/** A request target, taken apart as Nginx does. */
export interface Target {
  /** Nginx's `$uri`: percent-decoded, slashes merged, dot segments resolved. */
  readonly uri: string;
  /** Nginx's `$query_string`: as sent, without a fragment. */
  readonly query: string;
  /** The host of an absolute target (`GET http://host/path`), which goes before the Host header. */
  readonly host: string | undefined;
}

/** A path with none of these is its own normal form. */
const NEEDS_WORK = /[%#]|\/[/.]/;
/** With a host of the letters that Nginx takes there, and no user. */
const ABSOLUTE =
  /^[a-z][a-z0-9+.-]*:\/\/((?:[a-z0-9.-]+|\[[a-z0-9:._~!$&'()*+,;=-]*\])(?::[0-9]*)?)(?=[/?]|$)/i;

/**
 * Takes a request target apart; undefined where Nginx answers 400: a bad or NUL percent escape in the path, a path that
 * climbs above its root, `*`, a user before the host. The query is not looked at: what is wrong there is for enrichment to say.
 */
export function parseTarget(target: string): Target | undefined {
  let rest = target;
  let host: string | undefined;
  if (!target.startsWith('/')) {
    const match = ABSOLUTE.exec(target);
    if (!match) return undefined;
    host = match[1]!;
    rest = target.slice(match[0].length);
    if (!rest.startsWith('/')) rest = `/${rest}`;
  }
  const question = rest.indexOf('?');
  const hash = rest.indexOf('#');
  const end = hash === -1 ? rest.length : hash;
  const pathEnd = question === -1 || question > end ? end : question;
  const path = rest.slice(0, pathEnd);
  const uri = NEEDS_WORK.test(path) ? normalise(path) : path;
  if (uri === undefined) return undefined;
  return { uri, query: rest.slice(pathEnd + 1, end), host };
}

function normalise(path: string): string | undefined {
  const decoded = percentDecode(path);
  if (decoded === undefined) return undefined;
  const parts = decoded.split('/');
  const last = parts.length - 1;
  const kept: string[] = [];
  for (let i = 1; i <= last; i++) {
    const part = parts[i]!;
    if (part === '..' && kept.pop() === undefined) return undefined;
    if (part !== '' && part !== '.' && part !== '..') kept.push(part);
    else if (i === last) kept.push('');
  }
  return `/${kept.join('/')}`;
}

function percentDecode(path: string): string | undefined {
  if (!path.includes('%')) return path;
  let invalid = false;
  const decoded = path.replace(/%(.?.?)/gs, (_all, digits: string) => {
    const code = /^[0-9a-f]{2}$/i.test(digits) ? Number.parseInt(digits, 16) : 0;
    if (code === 0) invalid = true;
    return String.fromCharCode(code);
  });
  return invalid ? undefined : decoded;
}

/** What no host name has: white space, control characters, a slash, two dots in a row. */
const NO_HOST = /[\x00-\x20\x7f/]|\.\./;
/** The name before a port. One that begins with a bracket ends with it, wherever colons are; what comes behind is nothing. */
const HOST_NAME = /^(?:\[[^\]]*\]?|[^:]*)/;

/**
 * The host name of a Host header as Nginx logs it: lower case, without port and final dot; undefined where it answers 400
 * (`ngx_http_validate_host`).
 */
export function hostName(header: string): string | undefined {
  if (NO_HOST.test(header)) return undefined;
  // Letters of ASCII alone: the bytes of others are no letters here.
  const name = HOST_NAME.exec(header)![0].replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  // Not where another dot follows, in the port.
  const final = name.endsWith('.') && !header.includes('.', name.length);
  const stripped = final ? name.slice(0, -1) : name;
  return stripped === '' ? undefined : stripped;
}

/**
 * Nginx's `$arg_<name>`: the first parameter of that name in any letter case, undecoded; empty where there is none.
 *
 * @param name in lower case
 */
export function queryArgument(query: string, name: string): string {
  const first = name[0]!;
  const upper = first.toUpperCase();
  for (let start = 0; start <= query.length; ) {
    const initial = query[start];
    const equals = start + name.length;
    if (
      (initial === first || initial === upper) &&
      query[equals] === '=' &&
      query.slice(start, equals).toLowerCase() === name
    ) {
      const end = query.indexOf('&', equals);
      return end === -1 ? query.slice(equals + 1) : query.slice(equals + 1, end);
    }
    const next = query.indexOf('&', start);
    if (next === -1) return '';
    start = next + 1;
  }
  return '';
}
