import { METHODS } from 'node:http';
import type { AccessLogField } from '../../pipeline/contracts/access-log.ts';
import type { Context, Difference } from './observed.ts';

type What =
  | `line ${AccessLogField}`
  | 'answer status'
  | 'answer body'
  | `answer header ${string}`
  | 'count of answers'
  | 'count of lines';

/** A difference between Nginx and the built-in collector that is known and accepted. */
export interface Exception {
  readonly name: string;
  readonly differs: readonly What[] | 'all';
  /** Whether it explains this difference. */
  readonly when: (difference: Difference, context: Context) => boolean;
  readonly nginx: string;
  readonly builtIn: string;
  readonly why: string;
  /** Clocks of whole seconds: two answers mostly come within one, and a run in which all did proves nothing against the row. */
  readonly byChance?: true;
}

const both =
  (shape: RegExp) =>
  ({ nginx, builtIn }: Difference): boolean =>
    shape.test(nginx) && shape.test(builtIn);

/** The statuses that both gave to the request of a difference. */
function statuses({ index }: Difference, { nginx, builtIn }: Context): [nginx: number, builtIn: number] {
  const status = ({ lines, answers }: Context['nginx']) =>
    Number(lines[index]?.status ?? answers[index]?.status ?? 0);
  return [status(nginx), status(builtIn)];
}

/** 404 is an answer like others: it has a text of the config's. */
const isRefusal = (status: number): boolean => status >= 400 && status !== 404;

function bothRefused(difference: Difference, context: Context): boolean {
  return statuses(difference, context).every(isRefusal);
}

/** A value as it is for those to whom tabs are a part of it, and for those to whom they are not. */
const withoutBlanks = (value: string): string => value.replace(/[\t ]/g, '');

/** One of the two knows less: nothing, or what stands for nothing, or only the first of several. */
function isPartOf({ nginx, builtIn }: Difference): boolean {
  const known = [nginx, builtIn].map(withoutBlanks);
  const [less, more] = known.sort((a, b) => a.length - b.length) as [string, string];
  return more.startsWith(less) || known.some((value) => /^(localhost|\d+\.\d+\.\d+\.\d+)$/.test(value));
}

/** The built-in collector refuses, whatever Nginx does. */
const refusedHere =
  (status: number, applies: (context: Context) => boolean) =>
  (difference: Difference, context: Context): boolean =>
    statuses(difference, context)[1] === status && applies(context);

const header = ({ headers }: Context, name: string): string | undefined =>
  headers.find((line) => line.toLowerCase().startsWith(`${name}:`))?.slice(name.length + 1);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const COOKIE =
  /^sp=([^;]*); (Max-Age=31536000|Expires=\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT); Path=\/; Secure; HttpOnly; SameSite=None$/;

const ALLOW_ORIGIN = 'answer header access-control-allow-origin';

const HEADER_FIELDS: readonly `line ${AccessLogField}`[] = [
  'line referer',
  'line user_agent',
  'line accept_language',
  'line cookies',
  'line x_forwarded_for',
  'line content_type',
  'line origin',
  'line sp_anonymous',
  'line sec_ch_ua',
  'line sec_ch_ua_mobile',
  'line sec_ch_ua_platform',
  'line sec_ch_ua_platform_version',
  'line sec_ch_ua_full_version_list',
  'line sec_ch_ua_model',
  'line sec_ch_ua_arch',
  'line sec_ch_ua_bitness',
];

/**
 * Everything in which the two may differ. What no row explains is a fault, and the tests fail; so they do where a row explains nothing
 * any more (but for rows that only chance needs).
 */
export const EXCEPTIONS: readonly Exception[] = [
  {
    name: 'the time of the request',
    differs: ['line msec'],
    when: both(/^\d{10}\.\d{3}$/),
    nginx: 'its clock',
    builtIn: 'its clock',
    why: 'made for each request',
  },
  {
    name: 'the time in words',
    differs: ['line time'],
    when: both(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/),
    nginx: 'its clock',
    builtIn: 'its clock',
    why: 'made for each request',
    byChance: true,
  },
  {
    name: 'the date of the answer',
    differs: ['answer header date'],
    when: both(/^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/),
    nginx: 'its clock',
    builtIn: 'its clock',
    why: 'made for each request; a refusal of what is no HTTP has none',
    byChance: true,
  },
  {
    name: 'the id of the request',
    differs: ['line request_id'],
    when: both(/^[0-9a-f]{32}$/),
    nginx: 'random',
    builtIn: 'random',
    why: 'made for each request',
  },
  {
    name: 'the id of somebody new',
    differs: ['line network_userid'],
    when: (difference, { text }) =>
      both(UUID)(difference) && !text.includes(difference.nginx) && !text.includes(difference.builtIn),
    nginx: 'a UUID made of the request id',
    builtIn: 'a random UUID',
    why: 'made for each request without an id; ids that clients bring along must be equal',
  },
  {
    name: 'how the cookie ends',
    differs: ['answer header set-cookie'],
    when: (difference, { nginx, builtIn }) =>
      [[difference.nginx, nginx] as const, [difference.builtIn, builtIn] as const].every(
        ([cookie, { lines }]) => COOKIE.exec(cookie)?.[1] === lines[difference.index]?.network_userid,
      ),
    nginx: '`Max-Age`',
    builtIn: '`Expires`',
    why: 'a configuration cannot compute dates; browsers treat them alike. The id must be the one in the log line',
  },
  {
    name: 'the address of the client',
    differs: ['line remote_addr', 'line partition_key'],
    when: both(/^\d+\.\d+\.\d+\.\d+$/),
    nginx: 'the gateway of its network',
    builtIn: 'the client',
    why: 'Nginx runs behind the port map of a container here',
  },
  {
    name: 'the name of the server',
    differs: ['answer header server'],
    when: () => true,
    nginx: '`Server: nginx`',
    builtIn: 'none',
    why: 'Nginx alone cannot leave it out',
  },
  {
    name: 'how long a connection is kept',
    differs: ['answer header keep-alive'],
    when: ({ nginx, builtIn }) => nginx === 'none' && builtIn === 'timeout=65',
    nginx: 'not said',
    builtIn: '`Keep-Alive: timeout=65`',
    why: 'Node says it; both close an idle connection after 65 s',
  },
  {
    name: 'an answer without a body',
    differs: ['answer header content-type'],
    when: ({ index }, { builtIn }) => builtIn.answers[index]?.headers['content-length'] === '0',
    nginx: 'with a `Content-Type`',
    builtIn: 'without',
    why: '`default_type` cannot be conditional',
  },
  {
    name: 'the text of a refusal',
    differs: [
      'answer body',
      'answer header content-type',
      'answer header content-length',
      'answer header date',
      'line size',
    ],
    when: bothRefused,
    nginx: 'a page',
    builtIn: 'a line of text',
    why: '`error_page` would change `$uri`, or answer 500 where there is none. The status is the same but in the rows below',
  },
  {
    name: 'what is known of a refused request',
    differs: [
      'line host',
      'line uri',
      'line query_string',
      'line request_body',
      'line method',
      'line partition_key',
      'line remote_addr',
      ...HEADER_FIELDS,
    ],
    when: (difference, context) => bothRefused(difference, context) && isPartOf(difference),
    nginx: 'what it has read until then, of a body, too',
    builtIn: 'what it has read until then, never a part of a body; nothing where its parser gave up',
    why: 'nothing is owed for a refused request but that it is counted',
  },
  {
    name: 'an answer to a request that breaks off',
    differs: ['count of answers'],
    when: (difference, context) => context.end === 'ends' && bothRefused(difference, context),
    nginx: 'none, and 400 in the log',
    builtIn: '400',
    why: 'the client has said that it sends no more, and may still listen',
  },
  {
    name: 'headers that are too large',
    differs: 'all',
    when: (difference, context) =>
      refusedHere(431, ({ text, headers }) => headers.length > 200 || text.indexOf('\r\n\r\n') > 65_536)(
        difference,
        context,
      ),
    nginx: '400 beyond 1,000 headers, 33 kB a header or 132 kB together',
    builtIn: '431 beyond 200 headers or 64 KiB together',
    why: 'the limit that Node has; no tracker comes near it',
  },
  {
    name: 'a transfer coding of `identity`',
    differs: ['line status', 'answer status'],
    when: ({ nginx, builtIn }, context) =>
      nginx === '501' && builtIn === '400' && /identity/i.test(header(context, 'transfer-encoding') ?? ''),
    nginx: '501',
    builtIn: '400',
    why: "refused by both; Node's parser does not say why",
  },
  {
    name: 'bytes from 0x80 up in the target',
    differs: 'all',
    when: refusedHere(400, ({ target }) => /[\x80-\xff]/.test(target)),
    nginx: 'accepted, logged as they are',
    builtIn: '400',
    why: "not allowed by HTTP; Node's parser refuses them. Trackers escape them",
  },
  {
    name: 'control characters in a header',
    differs: 'all',
    when: refusedHere(400, ({ headers }) => headers.some((line) => /[\x01-\x08\x0b-\x1f\x7f]/.test(line))),
    nginx: 'accepted, logged escaped',
    builtIn: '400',
    why: "not allowed by HTTP; Node's parser refuses them",
  },
  {
    name: 'a header line that is none',
    differs: 'all',
    when: refusedHere(400, ({ headers }) => headers.some((line) => !/^[\w!#$%&'*+.^`|~-]+:/.test(line))),
    nginx: 'ignored',
    builtIn: '400',
    why: 'not allowed by HTTP, which leaves it to the server; to ignore it is a way to smuggle requests',
  },
  {
    name: 'lines that end without a carriage return',
    differs: 'all',
    when: refusedHere(400, ({ text }) => /(?<!\r)\n/.test(text)),
    nginx: 'accepted, in chunks, too',
    builtIn: '400',
    why: 'HTTP leaves it to the server; in chunks it is a way to smuggle requests',
  },
  {
    name: 'HTTP/1.2 and up to 1.9',
    differs: 'all',
    when: refusedHere(400, ({ version }) => /^HTTP\/1\.[2-9]$/.test(version)),
    nginx: 'accepted as 1.1',
    builtIn: '400',
    why: "there is no such version; Node's parser refuses it",
  },
  {
    name: 'methods that nobody knows',
    differs: 'all',
    when: refusedHere(400, ({ method }) => !METHODS.includes(method)),
    nginx: '404',
    builtIn: '400',
    why: "no tracker request for either; Node's parser refuses them",
  },
  {
    name: 'tabs around the value of a header',
    differs: [...HEADER_FIELDS, ALLOW_ORIGIN],
    when: ({ what, nginx, builtIn }, context) =>
      (nginx.includes('\t') && withoutBlanks(nginx) === withoutBlanks(builtIn)) ||
      // Of an origin that is nothing else the one answers with it, which nobody can tell from nothing, the other as to nobody's.
      (what === ALLOW_ORIGIN && builtIn === '*' && /^[\t ]*\t[\t ]*$/.test(header(context, 'origin') ?? '')),
    nginx: 'part of the value',
    builtIn: 'cut off',
    why: 'HTTP says that they are no part of it',
  },
  {
    name: 'tabs around the value of `Host`',
    differs: 'all',
    when: (difference, context) =>
      statuses(difference, context)[0] === 400 && /^ *\t|\t *$/.test(header(context, 'host') ?? ''),
    nginx: '400',
    builtIn: 'cut off',
    why: 'HTTP says that they are no part of it',
  },
  {
    name: 'an empty `SP-Anonymous`',
    differs: [
      'line remote_addr',
      'line cookies',
      'line x_forwarded_for',
      'line network_userid',
      'line partition_key',
      'answer header set-cookie',
    ],
    when: (_, context) => /^[\t ]*$/.test(header(context, 'sp-anonymous') ?? 'none'),
    nginx: 'not anonymous',
    builtIn: 'anonymous',
    why: 'an empty header and none are the same to Nginx; trackers send `*`',
  },
  {
    name: 'the size of an answer after `100 Continue`',
    differs: ['line size'],
    when: ({ nginx, builtIn }, context) =>
      header(context, 'expect') !== undefined &&
      Number(nginx) - Number(builtIn) === '100-continue'.length + 13,
    nginx: '25 more',
    builtIn: 'the body',
    why: '`$body_bytes_sent` counts the interim answer',
  },
  {
    name: 'conditions on the pixel',
    differs: 'all',
    when: (difference, context) =>
      statuses(difference, context)[0] === 412 &&
      (header(context, 'if-match') ?? header(context, 'if-unmodified-since')) !== undefined,
    nginx: '412 where they are not met',
    builtIn: 'ignored',
    why: 'the pixel is a file to Nginx, and `if_modified_since` does not turn these off; no browser sends them for an image',
  },
];
