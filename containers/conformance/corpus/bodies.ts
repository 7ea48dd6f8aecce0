import { head, type RequestCorpus, raw, request, TP2 } from '../request.ts';

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
const post = (body: string | Buffer, ...headers: readonly string[]) =>
  request('POST', TP2, { headers, body });
const chunked = (text: string, ...headers: readonly string[]) =>
  raw(head('POST', TP2, 'Connection: close', ...headers, 'Transfer-Encoding: chunked') + text);
const MIB = 1_048_576;

/** Bodies: bytes, sizes, lengths and chunks. */
export const BODIES: RequestCorpus = {
  POST: post('{"data":[]}', 'Content-Type: application/json'),
  'POST without a body': post(''),
  'POST without a length': request('POST', TP2),
  'POST of UTF-8': post(Buffer.from('{"ü":"日本 😀 \u2028"}', 'utf8')),
  'POST of invalid UTF-8': post('{"a":"\xff\xc3(\xed\xa0\x80\xf8"}'),
  'POST of every byte': post(everyByte),
  'POST of every byte, often': post(Buffer.concat(Array(1_000).fill(everyByte))),
  'POST of NULs': post('\x00'.repeat(1_000)),
  'POST of quotes and backslashes': post('{"a":"\\"b\\\\c/"}'),
  'POST of line ends': post('a\r\nb\nc\r\n\r\n'),
  'POST that looks like a log line': post('"}\n{"status":"200","uri":"/i","request_body":"'),
  'POST that looks like a request': post('GET /i HTTP/1.1\r\nHost: a\r\n\r\n'),
  'POST of a form': post('a=b&c=%20', 'Content-Type: application/x-www-form-urlencoded'),
  'POST in gzip': post(Buffer.from('H4sIAAAAAAAAA0tMSgYAwkEkNQMAAAA=', 'base64'), 'Content-Encoding: gzip'),
  'POST of 1 MiB': post('x'.repeat(MIB)),
  'POST of 1 MiB of control characters': post('\x01'.repeat(MIB)),
  'POST of a byte too much': post('x'.repeat(MIB + 1)),
  'POST of 3 MiB': post('x'.repeat(3 * MIB)),
  'too much for a path that nobody knows': request('POST', '/unknown', { body: 'x'.repeat(MIB + 1) }),
  'too much with PUT': request('PUT', TP2, { body: 'x'.repeat(MIB + 1) }),
  'too much with GET': request('GET', '/i', { body: 'x'.repeat(MIB + 1) }),

  'POST in chunks': request('POST', TP2, { chunks: ['{"da', 'ta":[', ']}'] }),
  'POST in chunks of one byte': request('POST', TP2, { chunks: [...'x'.repeat(2_000)] }),
  'POST of no chunks': request('POST', TP2, { chunks: [] }),
  'POST of 1 MiB in chunks': request('POST', TP2, { chunks: Array(16).fill('y'.repeat(65_536)) }),
  'POST of a byte too much in chunks': request('POST', TP2, {
    chunks: [...Array(16).fill('y'.repeat(65_536)), 'z'],
  }),
  'chunks with trailers': chunked('3\r\nabc\r\n0\r\nX-Trailer: a\r\nCookie: sp=b\r\n\r\n'),
  'chunks with extensions': chunked('3;a=b;c="d"\r\nabc\r\n0;e\r\n\r\n'),
  'chunks with lengths in upper case and zeros': chunked('000A\r\n0123456789\r\n0\r\n\r\n'),
  'a chunk without a length': chunked('\r\nabc\r\n0\r\n\r\n'),
  'a chunk with a bad length': chunked('xyz\r\nabc\r\n0\r\n\r\n'),
  'a chunk with a negative length': chunked('-1\r\nabc\r\n0\r\n\r\n'),
  'a chunk with a length beyond numbers': chunked('ffffffffffffffffff\r\nabc\r\n0\r\n\r\n'),
  'a chunk longer than it says': chunked('3\r\nabcdef\r\n0\r\n\r\n'),
  'chunks that end in newlines alone': chunked('3\nabc\n0\n\n'),
  'chunks for a GET': raw(
    `${head('GET', '/i', 'Connection: close', 'Transfer-Encoding: chunked')}3\r\nabc\r\n0\r\n\r\n`,
  ),
  'CHUNKED in upper case': raw(
    `${head('POST', TP2, 'Connection: close', 'Transfer-Encoding: CHUNKED')}3\r\nabc\r\n0\r\n\r\n`,
  ),
  'another transfer coding': raw(
    `${head('POST', TP2, 'Connection: close', 'Transfer-Encoding: gzip, chunked')}3\r\nabc\r\n0\r\n\r\n`,
  ),
  'no transfer coding': raw(
    `${head('POST', TP2, 'Connection: close', 'Transfer-Encoding: identity', 'Content-Length: 3')}abc`,
  ),
  'chunked, twice': raw(
    `${head('POST', TP2, 'Connection: close', 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')}3\r\nabc\r\n0\r\n\r\n`,
  ),
  'chunks and a length': raw(
    `${head('POST', TP2, 'Connection: close', 'Content-Length: 3', 'Transfer-Encoding: chunked')}3\r\nabc\r\n0\r\n\r\n`,
  ),
  'chunks in HTTP/1.0': raw(
    `POST ${TP2} HTTP/1.0\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
  ),

  'two lengths': raw(
    `${head('POST', TP2, 'Connection: close', 'Content-Length: 3', 'Content-Length: 4')}abcd`,
  ),
  'the same length twice': raw(
    `${head('POST', TP2, 'Connection: close', 'Content-Length: 3', 'Content-Length: 3')}abc`,
  ),
  'a length with a sign': raw(`${head('POST', TP2, 'Connection: close', 'Content-Length: +3')}abc`),
  'a length that is negative': raw(`${head('POST', TP2, 'Connection: close', 'Content-Length: -3')}abc`),
  'a length that is no number': raw(`${head('POST', TP2, 'Connection: close', 'Content-Length: three')}abc`),
  'a length with a point': raw(`${head('POST', TP2, 'Connection: close', 'Content-Length: 3.0')}abc`),
  'a length of many digits': raw(
    `${head('POST', TP2, 'Connection: close', 'Content-Length: 99999999999999999999999999')}abc`,
  ),
  'a length with zeros': raw(`${head('POST', TP2, 'Connection: close', 'Content-Length: 0003')}abc`),
  'an empty length': raw(`${head('POST', TP2, 'Connection: close', 'Content-Length:')}abc`),
  'more body than the length says': raw(
    `${head('POST', TP2, 'Connection: close', 'Content-Length: 3')}abcdef`,
  ),

  'POST after 100-continue': post('late', 'Expect: 100-continue'),
  'POST in chunks after 100-continue': chunked('3\r\nabc\r\n0\r\n\r\n', 'Expect: 100-continue'),
  'POST that waits for 100-continue': raw(
    head('POST', TP2, 'Connection: close', 'Expect: 100-continue', 'Content-Length: 4'),
    'late',
  ),
  'GET after 100-continue': request('GET', '/i?e', { headers: ['Expect: 100-continue'] }),
  'too much after 100-continue': {
    ...raw(head('POST', TP2, 'Connection: close', 'Expect: 100-continue', 'Content-Length: 9999999')),
    end: 'ends',
  },
  '100-continue on an unknown path': request('POST', '/unknown', {
    headers: ['Expect: 100-continue'],
    body: 'late',
  }),
  'another expectation': post('x', 'Expect: the-unexpected'),
};
