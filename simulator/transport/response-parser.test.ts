import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedResponse, ResponseParser } from './response-parser.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Feeds bytes in pieces, cut at the given places; the index of the piece that completed the answer, or -1. */
function feed(parser: ResponseParser, bytes: Buffer, cuts: readonly number[]): boolean {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  let complete = false;
  for (const to of [...places, bytes.length]) {
    if (to === from) continue;
    expect(complete).toBe(false);
    complete = parser.push(bytes.subarray(from, to));
    from = to;
  }
  return complete;
}

const body = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const cookies = fc.array(fc.stringMatching(/^[a-z]{1,8}=[A-Za-z0-9-]{0,20}; Path=\/$/), { maxLength: 3 });
const cuts = fc.array(fc.nat(2_000), { maxLength: 12 });

const framed = fc.oneof(
  body.map((bytes) => Buffer.concat([latin1(`Content-Length: ${bytes.length}\r\n\r\n`), bytes])),
  fc
    .tuple(fc.array(body, { maxLength: 4 }), fc.boolean())
    .map(([chunks, extended]) =>
      Buffer.concat([
        latin1('Transfer-Encoding: chunked\r\n\r\n'),
        ...chunks
          .filter((chunk) => chunk.length > 0)
          .flatMap((chunk) => [
            latin1(`${chunk.length.toString(16)}${extended ? ';name="va;lue"' : ''}\r\n`),
            chunk,
            latin1('\r\n'),
          ]),
        latin1(extended ? '0\r\nTrailer: x\r\n\r\n' : '0\r\n\r\n'),
      ]),
    ),
);

describe('ResponseParser', () => {
  it('reads any framing, however the bytes are cut, and ends exactly at the end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 200, max: 599 }).filter((status) => status !== 204 && status !== 304),
        cookies,
        framed,
        fc.constantFrom(
          '',
          'HTTP/1.1 100 Continue\r\n\r\n',
          'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n',
        ),
        cuts,
        (status, setCookies, rest, interim, places) => {
          const parser = new ResponseParser();
          const head = latin1(
            `${interim}HTTP/1.1 ${status} Some Reason\r\n${setCookies.map((text) => `set-COOKIE: ${text}\r\n`).join('')}`,
          );
          for (let answer = 0; answer < 2; answer++) {
            parser.begin('GET');
            expect(feed(parser, Buffer.concat([head, rest]), places)).toBe(true);
            expect(parser.status).toBe(status);
            expect(parser.setCookies).toEqual(setCookies);
            expect(parser.reusable).toBe(true);
          }
        },
      ),
    );
  });

  it('throws nothing but MalformedResponse, whatever comes', () => {
    const noise = fc.oneof(
      body,
      fc.string({ unit: fc.constantFrom(...'HTP/1.20 \r\n:a-Content-Length') }).map(latin1),
      fc
        .string({ unit: fc.constantFrom(...'0123abfG;\r\n') })
        .map((text) => latin1(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${text}`)),
    );
    fc.assert(
      fc.property(noise, cuts, (bytes, places) => {
        const parser = new ResponseParser();
        parser.begin('GET');
        try {
          for (let i = 0; i < bytes.length; i += 1 + (places[i] ?? 0)) parser.push(bytes.subarray(i));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedResponse);
        }
      }),
    );
  });

  const parse = (text: string, method = 'GET'): [ResponseParser, boolean] => {
    const parser = new ResponseParser();
    parser.begin(method);
    return [parser, parser.push(latin1(text))];
  };

  it('knows answers without a body', () => {
    expect(parse('HTTP/1.1 200 OK\r\nContent-Length: 43\r\n\r\n', 'HEAD')[1]).toBe(true);
    expect(parse('HTTP/1.1 204 No Content\r\n\r\n')[1]).toBe(true);
    expect(parse('HTTP/1.1 304 Not Modified\r\nContent-Length: 43\r\n\r\n')[1]).toBe(true);
  });

  it('reads to the end of the connection where nothing else says how long the body is', () => {
    const [parser, complete] = parse('HTTP/1.1 200 OK\r\n\r\nbody');
    expect(complete).toBe(false);
    expect(parser.end()).toBe(true);
    expect(parser.reusable).toBe(false);
    expect(parse('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody')[0].end()).toBe(false);
  });

  it('does not reuse a connection that is closed, of HTTP/1.0, or has sent more than was asked', () => {
    expect(parse('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')[0].reusable).toBe(
      false,
    );
    expect(parse('HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n')[0].reusable).toBe(false);
    expect(parse('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200')[0].reusable).toBe(false);
  });

  it.each([
    'HTTP/2 200\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n',
    `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}`,
  ])('refuses %.70j', (text) => expect(() => parse(text)).toThrow(MalformedResponse));
});
