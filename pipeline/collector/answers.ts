/** What the collector answers. Header lists are flat, name after value, as `writeHead` takes them. */

/** The smallest transparent GIF: one pixel. */
const PIXEL = Buffer.from('R0lGODlhAQABAPAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');

export interface Answer {
  readonly status: number;
  /** Latin1: as a string of the encoding of the headers it leaves with them in one write. */
  readonly body: string;
  /** Content type and length, and what else belongs to this kind of answer. */
  readonly headers: readonly string[];
}

const TEXT = 'text/plain; charset=UTF-8';
const P3P = ['P3P', 'policyref="/w3c/p3p.xml", CP="NOI DSP COR NID PSA OUR IND COM NAV STA"'];

function answer(status: number, body: string, type: string, more: readonly string[] = []): Answer {
  const content = body.length === 0 ? [] : ['Content-Type', type];
  return { status, body, headers: [...more, ...content, 'Content-Length', String(body.length)] };
}

function text(status: number, body: string): Answer {
  return answer(status, body, TEXT);
}

/** To a tracker's GET. */
export const PIXEL_ANSWER = answer(200, PIXEL.toString('latin1'), 'image/gif', [
  'Cache-Control',
  'no-cache, no-store, must-revalidate',
  ...P3P,
]);
/** To a tracker's POST. */
export const POST_ANSWER = answer(200, 'ok', TEXT, P3P);
export const HEALTHY = text(200, 'OK');
export const ROBOTS = text(200, 'User-agent: *\nDisallow: /');
export const NOT_FOUND = text(404, '404 not found');
export const REDIRECTS_DISABLED = text(404, 'redirects disabled');
/** To a preflight; the origin is added. */
export const PREFLIGHT = answer(200, '', TEXT, [
  'Access-Control-Allow-Headers',
  'Content-Type, SP-Anonymous',
  'Access-Control-Max-Age',
  '3600',
]);

/** To a click on a redirect. */
export function redirectTo(location: string): Answer {
  return answer(302, '', TEXT, ['Location', location, ...P3P]);
}

const REFUSALS: Readonly<Record<number, string>> = {
  400: 'bad request',
  405: 'method not allowed',
  408: 'request timeout',
  413: 'content too large',
  414: 'URI too long',
  431: 'request header fields too large',
  500: 'internal error',
  501: 'not implemented',
  503: 'the access log cannot be written',
  505: 'HTTP version not supported',
};

const refusals = new Map(
  Object.entries(REFUSALS).map(([status, why]) => [Number(status), text(Number(status), `${status} ${why}`)]),
);

/** To a request that is refused with one of the statuses above. */
export function refusal(status: number): Answer {
  return refusals.get(status)!;
}

/** With credentials, so that the cookie is taken; any origin may send, hence the one that asks is named. */
export function corsHeaders(origin: string): string[] {
  return [
    'Access-Control-Allow-Origin',
    origin === '' ? '*' : origin,
    'Access-Control-Allow-Credentials',
    'true',
  ];
}
