import fc from 'fast-check';
import {
  type ConformanceRequest,
  KNOWN_ID,
  OTHER_KNOWN_ID,
  raw,
  request,
  requestBytes,
  TP2,
} from './request.ts';

const latin1 = (from: number, to: number) =>
  fc.integer({ min: from, max: to }).map((byte) => String.fromCharCode(byte));
const text = (unit: fc.Arbitrary<string>, maxLength: number) => fc.string({ unit, maxLength });

interface Alphabet {
  /** A piece of a target. */
  readonly target: fc.Arbitrary<string>;
  /** A byte of a header's value. */
  readonly value: fc.Arbitrary<string>;
  readonly shortestValue: number;
}

const escaped = fc.integer({ min: 0, max: 255 }).map((byte) => `%${byte.toString(16).padStart(2, '0')}`);

/** Everything of which no exception is made. */
const CLEAN: Alphabet = {
  target: fc.oneof(
    { weight: 8, arbitrary: latin1(0x21, 0x7e) },
    { weight: 4, arbitrary: fc.constantFrom('/', '.', '..', '//', '?', '#', '%', '&', '=', ';', '\\') },
    { weight: 4, arbitrary: escaped },
  ),
  value: fc.oneof(
    { weight: 20, arbitrary: latin1(0x21, 0x7e) },
    { weight: 4, arbitrary: latin1(0x80, 0xff) },
    { weight: 2, arbitrary: fc.constantFrom('"', '\\', ';', ',', '=') },
  ),
  shortestValue: 1,
};
/** With bytes that only one of the two takes. */
const ANY: Alphabet = {
  target: fc.oneof({ weight: 30, arbitrary: CLEAN.target }, { weight: 1, arbitrary: latin1(0x80, 0xff) }),
  value: fc.oneof(
    { weight: 20, arbitrary: CLEAN.value },
    { weight: 2, arbitrary: fc.constantFrom(' ', '\t') },
  ),
  shortestValue: 0,
};

function targets(piece: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const path = fc.oneof(
    fc.constantFrom('/i', '/ice.png', TP2, '/a/b', '/health', '/', '/r/tp2'),
    text(piece, 12).map((rest) => `/${rest}`),
    text(piece, 6).map((rest) => `/a/b${rest}`),
  );
  const parameter = fc.tuple(
    fc.oneof(fc.constantFrom('duid', 'DUID', 'nuid', 'e', 'page', 'url'), text(piece, 3)),
    fc.oneof(fc.constantFrom(KNOWN_ID, '', '1'), text(piece, 20)),
  );
  const query = fc.array(parameter, { maxLength: 5 }).map((list) => {
    const joined = list.map(([name, value]) => `${name}=${value}`).join('&');
    return joined === '' ? '' : `?${joined}`;
  });
  const host = fc.constantFrom('', '', '', '', 'http://other.example', 'https://Other.example:81');
  return fc.tuple(host, path, query).map((parts) => parts.join(''));
}

const cookies = fc
  .array(
    fc.tuple(
      fc.constantFrom('sp', 'SP', 'sp ', 'a', 'xsp', 'spx', ''),
      fc.constantFrom(KNOWN_ID, OTHER_KNOWN_ID, 'x', '', ` ${KNOWN_ID}`),
      fc.constantFrom('; ', ';', ',', ' ; '),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((list) => `Cookie: ${list.map(([name, value, end]) => `${name}=${value}${end}`).join('')}`);
const loggedHeader = fc.constantFrom(
  ...[
    'User-Agent',
    'Referer',
    'Accept-Language',
    'X-Forwarded-For',
    'Origin',
    'Content-Type',
    'SP-Anonymous',
  ],
  ...['Sec-CH-UA', 'Sec-CH-UA-Mobile', 'Sec-CH-UA-Platform', 'Sec-CH-UA-Model', 'X-Something'],
);

function headers({ value, shortestValue: minLength }: Alphabet): fc.Arbitrary<string[]> {
  const values = (maxLength: number) => fc.string({ unit: value, minLength, maxLength });
  const named = fc.tuple(loggedHeader, values(30)).map(([name, text]) => `${name}: ${text}`);
  const host = values(10).map((text) => `Host: ${text}`);
  const one = fc.oneof(
    { weight: 6, arbitrary: named },
    { weight: 3, arbitrary: cookies },
    { weight: 1, arbitrary: host },
  );
  return fc.array(one, { maxLength: 6 });
}

const body = fc.oneof(
  fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
  fc.json().map((json) => Buffer.from(json)),
);
const chunks = fc.array(fc.string({ unit: latin1(0, 255), minLength: 1, maxLength: 200 }), { maxLength: 5 });

function one(alphabet: Alphabet) {
  return fc
    .record({
      method: fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'POST', 'POST', 'OPTIONS', 'PUT', 'DELETE'),
      target: targets(alphabet.target),
      headers: headers(alphabet),
      body: fc.option(body, { nil: undefined }),
      chunks: fc.option(chunks, { nil: undefined, freq: 5 }),
      version: fc.constantFrom('1.1', '1.1', '1.1', '1.0'),
    })
    .map(({ chunks, body: whole, ...rest }) => ({
      ...rest,
      ...(chunks && rest.version === '1.1' ? { chunks } : whole && { body: whole }),
    }));
}

/** Any request that somebody could send, with any bytes in its target, headers and body, alone or with others behind it; whole or in pieces. */
export const randomRequest: fc.Arbitrary<ConformanceRequest> = fc.oneof(
  { weight: 6, arbitrary: one(ANY).map(({ method, target, ...parts }) => request(method, target, parts)) },
  {
    weight: 2,
    arbitrary: fc.array(one(CLEAN), { minLength: 2, maxLength: 4 }).map((list) => {
      const bytes = list.map(({ method, target, headers, ...parts }, i) =>
        requestBytes(method, target, {
          ...parts,
          headers: i < list.length - 1 ? [...headers, 'Connection: keep-alive'] : headers,
        }),
      );
      return raw(Buffer.concat(bytes));
    }),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(one(ANY), fc.nat()).map(([{ method, target, ...parts }, at]) => {
      const bytes = requestBytes(method, target, parts);
      const cut = at % bytes.length;
      return raw(bytes.subarray(0, cut), bytes.subarray(cut));
    }),
  },
);
