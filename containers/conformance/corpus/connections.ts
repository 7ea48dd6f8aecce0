import { head, type RequestCorpus, raw, request, requestBytes, TP2 } from '../request.ts';

const keep = { headers: ['Connection: keep-alive'] };
const bytes = (text: string) => Buffer.from(text, 'latin1');

/** What happens on one connection: several requests, versions of HTTP, slow clients, clients that go away. */
export const CONNECTIONS: RequestCorpus = {
  'two requests in one packet': raw(
    Buffer.concat([requestBytes('GET', '/i?first', keep), requestBytes('POST', TP2, { body: 'second' })]),
  ),
  'twenty requests in one packet': raw(
    Buffer.concat([
      ...Array.from({ length: 19 }, (_, i) =>
        i % 2 === 0
          ? requestBytes('GET', `/i?n=${i}&duid=d${i}`, keep)
          : requestBytes('POST', TP2, { ...keep, body: `body ${i}` }),
      ),
      requestBytes('GET', '/i?last'),
    ]),
  ),
  'requests of all kinds in one packet': raw(
    Buffer.concat([
      requestBytes('OPTIONS', TP2, keep),
      requestBytes('GET', '/unknown', keep),
      requestBytes('HEAD', '/i', keep),
      requestBytes('POST', TP2, { ...keep, chunks: ['a', 'b'] }),
      requestBytes('GET', '/health'),
    ]),
  ),
  'a request behind one that closes': raw(
    Buffer.concat([requestBytes('GET', '/i?first'), requestBytes('GET', '/i?never')]),
  ),
  'a request behind one that is refused': raw(
    Buffer.concat([requestBytes('GET', '/%zz', keep), requestBytes('GET', '/i?after')]),
  ),
  'garbage behind a request': raw(
    Buffer.concat([requestBytes('GET', '/i?first', keep), bytes('garbage\r\n\r\n')]),
  ),
  'a body that nobody asked for, then a request': raw(
    Buffer.concat([
      requestBytes('GET', '/i?first', { headers: ['Connection: keep-alive'], body: 'body' }),
      requestBytes('GET', '/i?second'),
    ]),
  ),
  'an unknown path with a body, then a request': raw(
    Buffer.concat([
      requestBytes('POST', '/unknown', { ...keep, body: 'x'.repeat(5_000) }),
      requestBytes('GET', '/i?second'),
    ]),
  ),

  'HTTP/1.0': request('GET', '/i?old', { version: '1.0' }),
  'HTTP/1.0 with Host': request('GET', '/i?old', { version: '1.0', headers: ['Host: Shop.Example:8080'] }),
  'HTTP/1.0 that stays': raw(
    Buffer.concat([
      requestBytes('GET', '/i?old', { version: '1.0', headers: ['Connection: keep-alive'] }),
      requestBytes('GET', '/i?older', { version: '1.0' }),
    ]),
  ),
  'POST in HTTP/1.0': request('POST', TP2, { version: '1.0', body: '{}' }),
  'HEAD in HTTP/1.0': request('HEAD', '/i?old', { version: '1.0' }),
  'HTTP/1.2': request('GET', '/i', { version: '1.2' }),
  'HTTP/2.0': request('GET', '/i', { version: '2.0' }),
  'HTTP/0.9': request('GET', '/i', { version: '0.9' }),
  'http in lower case': raw('GET /i http/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n'),
  'another protocol': raw('GET /i SIP/2.0\r\nHost: a.example\r\n\r\n'),
  'the preface of HTTP/2': raw('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  'TLS on this port': raw('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'),
  garbage: raw('\x00\x01\x02\x03\r\n\r\n'),
  'words that are no request': raw('what is this?\r\n\r\n'),

  'a head that comes in pieces': raw(
    'GE',
    'T /i?pie',
    'ces HTTP/1.1\r\nHo',
    'st: a.example\r\nConnection: close\r',
    '\n\r',
    '\n',
  ),
  'a body that comes in pieces': raw(
    head('POST', TP2, 'Connection: close', 'Content-Length: 11'),
    '{"da',
    'ta":[',
    ']}',
  ),
  'chunks that come in pieces': raw(
    head('POST', TP2, 'Connection: close', 'Transfer-Encoding: chunked'),
    '5\r',
    '\nab',
    'cde\r\n',
    '0\r\n',
    '\r\n',
  ),
  'a client that ends before it is answered': { ...request('GET', '/i?half'), end: 'ends' },
  'a POST whose client ends before it is answered': { ...request('POST', TP2, { body: '{}' }), end: 'ends' },
  'a body that ends early': {
    ...raw(head('POST', TP2, 'Content-Length: 11'), '{"da'),
    end: 'ends',
    lines: 1,
  },
  'chunks that end early': {
    ...raw(head('POST', TP2, 'Transfer-Encoding: chunked'), '5\r\nab'),
    end: 'ends',
    lines: 1,
  },
  'a client that is gone in its body': {
    ...raw(head('POST', TP2, 'Content-Length: 11'), '{"da'),
    end: 'aborts',
    lines: 1,
  },
  'a client that is gone between chunks': {
    ...raw(head('POST', TP2, 'Transfer-Encoding: chunked'), '2\r\nab\r\n'),
    end: 'aborts',
    lines: 1,
  },
};
