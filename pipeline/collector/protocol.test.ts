import { describe, expect, test } from 'vitest';
import { Raw, testCollector } from './fixtures/harness.ts';

/** What the conformance tests against Nginx have shown, for machines without one. */
describe('requests that Node takes and Nginx refuses', () => {
  const post = 'POST /a/b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n';
  test.each([
    ['HTTP/2.0', 'GET /i HTTP/2.0\r\nHost: a\r\n\r\n', 505],
    ['HTTP/0.9', 'GET /i HTTP/0.9\r\nHost: a\r\n\r\n', 400],
    ['TRACE', 'TRACE /i HTTP/1.1\r\nHost: a\r\n\r\n', 405],
    ['a user in the target', 'GET http://user:secret@a/i HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    [
      'a body that is compressed',
      `${post}Transfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
      501,
    ],
    [
      'chunks in HTTP/1.0',
      'POST /a/b HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
      400,
    ],
  ])('%s', async (_what, bytes, status) => {
    await using c = await testCollector();
    expect(await new Raw(c.port).send(bytes).rest()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(c.lines()).toMatchObject([{ status: String(status), request_body: '', network_userid: '' }]);
  });
});

describe('requests behind each other on one connection', () => {
  const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
  const CLOSE = 'Connection: close\r\n';

  test.each([
    ['closes', get('/i?first', CLOSE)],
    ['is refused', get('/%zz')],
    ['says no more in HTTP/1.0', 'GET /i?first HTTP/1.0\r\n\r\n'],
  ])('one behind a request that %s is not looked at', async (_what, first) => {
    await using c = await testCollector();
    const answers = await new Raw(c.port).send(`${first}${get('/i?second')}`).rest();
    expect(answers.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(c.lines()).toHaveLength(1);
  });

  test('are logged in their order, bodies or not', async () => {
    await using c = await testCollector();
    const post = (body: string) =>
      `POST /a/b HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const sent = [post('1'), get('/i?2'), post('3'), post('4'), get('/i?5'), post('6'), get('/i?7', CLOSE)];
    await new Raw(c.port).send(sent.join('')).rest();
    const logged = c.lines().map(({ query_string, request_body }) => `${query_string}${request_body}`);
    expect(logged).toEqual(['1', '2', '3', '4', '5', '6', '7']);
  });

  test('what is behind a body that is refused is not looked at', async () => {
    await using c = await testCollector({ maxBodySize: 2 });
    const chunked =
      'POST /a/b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n';
    await new Raw(c.port).send(`${chunked}${get('/i?second')}`).rest();
    expect(c.lines()).toMatchObject([{ status: '413', network_userid: '' }]);
  });
});

test('a client that has no more to say is answered', async () => {
  await using c = await testCollector();
  const raw = new Raw(c.port).send('GET /i HTTP/1.1\r\nHost: a\r\n\r\n');
  raw.socket.end();
  expect(await raw.rest()).toMatch(/^HTTP\/1\.1 200 /);
  expect(c.lines()).toMatchObject([{ status: '200' }]);
});

test('a body that is too large matters only where it would be taken', async () => {
  await using c = await testCollector({ maxBodySize: 2 });
  const answer = await new Raw(c.port)
    .send('POST /unknown HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc')
    .rest();
  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
});

test('only letters of ASCII change their case in a host', async () => {
  await using c = await testCollector();
  await new Raw(c.port).send('GET /i HTTP/1.0\r\nHost: \xc3\x9c.Example\r\n\r\n').rest();
  expect(c.lines()).toMatchObject([{ host: '\xc3\x9c.example' }]);
});
