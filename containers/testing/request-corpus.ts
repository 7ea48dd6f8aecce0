import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../images/files.ts';
import { requestBytes } from './raw-http.ts';

/** Requests for a collector, as bytes, by what is special about them. */
export type RequestCorpus = Readonly<Record<string, Buffer>>;

const TP2 = '/com.snowplowanalytics.snowplow/tp2';
const UUID = '11111111-2222-4333-8444-555555555555';
const everyByte = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i)).join('');

/** What the tracker sent in a browser. */
export function recordedRequests(): RequestCorpus {
  const path = join(projectRoot(), 'simulator', 'replay', 'fixtures', 'tracker-requests.ndjson');
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return Object.fromEntries(
    lines.map((line, i) => {
      const { method, url, headers, body } = JSON.parse(line) as {
        method: string;
        url: string;
        headers: Record<string, string>;
        body?: string;
      };
      const sent = Object.entries(headers)
        .filter(([name]) => !/^(connection|content-length|transfer-encoding)$/i.test(name))
        .map(([name, value]) => `${name}: ${value}`);
      const content = method === 'POST' ? { body: Buffer.from(body ?? '', 'utf8') } : {};
      return [`recorded ${i + 1}: ${method}`, requestBytes(method, url, { headers: sent, ...content })];
    }),
  );
}

/** What a collector may meet, answered and logged alike by all implementations. */
export const COMMON_REQUESTS: RequestCorpus = {
  'GET of the pixel': requestBytes('GET', '/i?e=pv&duid=abc'),
  'GET of the old pixel': requestBytes('GET', '/ice.png?e=pv'),
  'HEAD of the pixel': requestBytes('HEAD', '/i?e=pv'),
  'GET of vendor and version': requestBytes('GET', '/com.acme/v1?e=pv'),
  POST: requestBytes('POST', TP2, { headers: ['Content-Type: application/json'], body: '{"data":[]}' }),
  'POST without a body': requestBytes('POST', TP2, { body: '' }),
  'POST in chunks': requestBytes('POST', TP2, { chunks: ['{"da', 'ta":[', ']}'] }),
  'POST in chunks of one byte': requestBytes('POST', TP2, { chunks: [...'x'.repeat(2_000)] }),
  'POST of 1 MiB': requestBytes('POST', TP2, { body: 'x'.repeat(1_048_576) }),
  'POST of 1 MiB in chunks': requestBytes('POST', TP2, { chunks: Array(16).fill('y'.repeat(65_536)) }),
  'POST of a byte too much': requestBytes('POST', TP2, { body: 'x'.repeat(1_048_577) }),
  'POST of every byte': requestBytes('POST', TP2, { body: everyByte(0, 255) }),
  'POST of UTF-8': requestBytes('POST', TP2, { body: Buffer.from('{"ü":"日本 😀"}', 'utf8') }),
  'POST of quotes and backslashes': requestBytes('POST', TP2, { body: '{"a":"\\"b\\\\c/"}' }),
  'POST to one segment': requestBytes('POST', '/i', { body: 'x' }),
  'POST to three segments': requestBytes('POST', '/a/b/c', { body: 'x' }),
  'POST to a redirect': requestBytes('POST', '/r/tp2', { body: 'x' }),
  'POST after 100-continue': requestBytes('POST', TP2, { headers: ['Expect: 100-continue'], body: 'late' }),
  'two requests in one packet': Buffer.concat([
    requestBytes('GET', '/i?first', { headers: ['Connection: keep-alive'] }),
    requestBytes('POST', TP2, { body: 'second' }),
  ]),
  'HTTP/1.0': requestBytes('GET', '/i?old', { version: '1.0' }),
  'HTTP/1.0 with Host': requestBytes('GET', '/i?old', {
    version: '1.0',
    headers: ['Host: Shop.Example:8080'],
  }),
  preflight: requestBytes('OPTIONS', TP2, {
    headers: ['Origin: https://shop.example', 'Access-Control-Request-Method: POST'],
  }),
  'preflight of an unknown path': requestBytes('OPTIONS', '/what/ever/else'),
  health: requestBytes('GET', '/health'),
  'HEAD of health': requestBytes('HEAD', '/health'),
  'the other health': requestBytes('GET', '/sink-health'),
  robots: requestBytes('GET', '/robots.txt'),
  'unknown path': requestBytes('GET', '/favicon.ico'),
  'path /': requestBytes('GET', '/'),
  'three segments': requestBytes('GET', '/a/b/c'),
  redirect: requestBytes('GET', '/r/tp2?u=https%3A%2F%2Fexample.com'),
  PUT: requestBytes('PUT', TP2, { body: 'x' }),
  DELETE: requestBytes('DELETE', '/i'),
  origin: requestBytes('GET', '/i?o', { headers: ['Origin: https://shop.example'] }),
  'all headers': requestBytes('GET', '/i?h', {
    headers: [
      'User-Agent: Mozilla/5.0 (X11; Linux) "quoted" \\ ü',
      'Referer: https://shop.example/page?a=b',
      'Accept-Language: de-DE,de;q=0.9',
      'X-Forwarded-For: 192.0.2.1, 198.51.100.7',
      'Sec-CH-UA: "Chromium";v="131", "Not_A Brand";v="24"',
      'Sec-CH-UA-Mobile: ?0',
      'Sec-CH-UA-Platform: "Linux"',
      'Sec-CH-UA-Platform-Version: "6.1"',
      'Sec-CH-UA-Full-Version-List: "Chromium";v="131.0.1"',
      'Sec-CH-UA-Model: ""',
      'Sec-CH-UA-Arch: "x86"',
      'Sec-CH-UA-Bitness: "64"',
    ],
  }),
  'the cookie': requestBytes('GET', '/i?c', { headers: [`Cookie: _ga=1; sp=${UUID}; x=y`] }),
  'a broken cookie': requestBytes('GET', '/i?c', { headers: ['Cookie: sp=broken'] }),
  'an id in the query': requestBytes('GET', `/i?nuid=${UUID}`, {
    headers: ['Cookie: sp=99999999-2222-4333-8444-555555555555'],
  }),
  'a broken id in the query': requestBytes('GET', '/i?nuid=1', { headers: [`Cookie: sp=${UUID}`] }),
  anonymous: requestBytes('GET', '/i?duid=d', {
    headers: ['SP-Anonymous: *', `Cookie: sp=${UUID}`, 'X-Forwarded-For: 192.0.2.1'],
  }),
  'anonymous without duid': requestBytes('POST', TP2, { headers: ['SP-Anonymous: *'], body: 'x' }),
  'duid in another case': requestBytes('GET', '/i?a=b&DUID=Ab%20c&duid=second'),
  'duid in quotes': requestBytes('GET', '/i?duid="a\\b"'),
  'path in need of work': requestBytes('GET', '/a//../x/./%62?q=//../'),
  'path of percent escapes': requestBytes('GET', '/%ff/%22%5c?%zz'),
  'path above the root': requestBytes('GET', '/../i'),
  'bad escape in the path': requestBytes('GET', '/%zz/i'),
  'NUL in the path': requestBytes('GET', '/%00/i'),
  'absolute target': requestBytes('GET', 'http://Other.Example:81/i?abs'),
  'no Host': Buffer.from('GET /i HTTP/1.1\r\nConnection: close\r\n\r\n'),
  'bad Host': requestBytes('GET', '/i', { headers: ['Host: a b'] }),
  'upper-case Host': requestBytes('GET', '/i', { headers: ['Host: WWW.Example.COM.:8080'] }),
  'URI of 32768 characters': requestBytes('GET', `/i?${'u'.repeat(32_765)}`),
  'URI of a character more': requestBytes('GET', `/i?${'u'.repeat(32_766)}`),
  'empty query': requestBytes('GET', '/i?'),
  'fragment in the target': requestBytes('GET', '/i?a=b#c?d'),
  garbage: Buffer.from('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 'latin1'),
};
