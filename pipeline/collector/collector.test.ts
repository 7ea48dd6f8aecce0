import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasCode } from '../contracts/errors.ts';
import { silent } from '../contracts/running.ts';
import { ask, Raw, readLines, testCollector } from './fixtures/harness.ts';
import { collectorSettings, startCollector } from './index.ts';
import { diskLogFiles, type LogFiles } from './log-file.ts';

const TP2 = '/com.snowplowanalytics.snowplow/tp2';

describe('what is logged', () => {
  test('a GET with its query, a POST with its body, byte for byte', async () => {
    await using c = await testCollector();
    const body = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    await ask(c.port, 'GET', '/i?e=pv&page=%FF&DUID=d1', {
      headers: { Cookie: 'a="b"', Referer: 'http://r/' },
    });
    await ask(c.port, 'POST', `${TP2}?x=1`, { body, headers: { 'Content-Type': 'text/plain' } });
    const [get, post] = c.lines();
    expect(get).toMatchObject({
      remote_addr: '127.0.0.1',
      host: '127.0.0.1',
      status: '200',
      size: '43',
      method: 'GET',
      uri: '/i',
      query_string: 'e=pv&page=%FF&DUID=d1',
      cookies: 'a="b"',
      referer: 'http://r/',
      partition_key: 'd1',
    });
    expect(post).toMatchObject({
      status: '200',
      size: '2',
      method: 'POST',
      uri: TP2,
      query_string: 'x=1',
      request_body: body.toString('latin1'),
      content_type: 'text/plain',
      partition_key: '127.0.0.1',
    });
    expect(get!.request_id).toMatch(/^[0-9a-f]{32}$/);
    expect(get!.request_id).not.toBe(post!.request_id);
  });

  test('the network user id that the answer sets', async () => {
    await using c = await testCollector();
    const answer = await ask(c.port, 'GET', '/i?e=pv');
    expect(answer.header('set-cookie')).toContain(`sp=${c.lines()[0]!.network_userid};`);
  });

  test('an anonymous request without address, cookies and id', async () => {
    await using c = await testCollector();
    const headers = { 'SP-Anonymous': '*', Cookie: 'sp=1', 'X-Forwarded-For': '9.9.9.9' };
    const answer = await ask(c.port, 'POST', TP2, { headers, body: '{}' });
    expect(answer.header('set-cookie')).toBeUndefined();
    expect(c.lines()[0]).toMatchObject({
      remote_addr: '',
      x_forwarded_for: '',
      cookies: '',
      network_userid: '',
      sp_anonymous: '*',
      partition_key: '',
    });
  });

  test('time from the clock, in the formats of Nginx', async () => {
    const now = 1_700_000_001_250;
    await using c = await testCollector({}, { clock: () => now });
    await ask(c.port, 'GET', '/i');
    const line = c.lines()[0]!;
    expect(line.msec).toBe('1700000001.250');
    expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
    expect(Date.parse(line.time!)).toBe(1_700_000_001_000);
  });

  test('redirects: the click, and where it may not lead', async () => {
    await using c = await testCollector({ redirectDomains: 'example.com, *.acme.com' });
    const ok = await ask(c.port, 'GET', `/r/tp2?u=${encodeURIComponent('https://example.com/x')}&e=pv`);
    expect([ok.status, ok.header('location')]).toEqual([302, 'https://example.com/x']);
    expect(ok.header('set-cookie')).toContain('sp=');
    for (const query of ['e=pv', 'u=javascript%3Aalert(1)', 'u=https%3A%2F%2Fevil.com']) {
      expect((await ask(c.port, 'GET', `/r/tp2?${query}`)).status).toBe(400);
    }
    expect(c.lines().map((line) => line.status)).toEqual(['302', '400', '400', '400']);
  });
});

describe('raw connections', () => {
  test('pipelined requests are answered in order, each logged', async () => {
    await using c = await testCollector();
    const raw = new Raw(c.port);
    raw.send(
      'GET /health HTTP/1.1\r\nHost: a\r\n\r\n' +
        `POST ${TP2} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}` +
        'GET /nope HTTP/1.1\r\nHost: a\r\n\r\n' +
        'garbage\r\n\r\n',
    );
    const text = await raw.rest();
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual([
      'HTTP/1.1 200',
      'HTTP/1.1 200',
      'HTTP/1.1 404',
      'HTTP/1.1 400',
    ]);
    const logged = c.lines().map(({ status, uri }) => `${status} ${uri}`);
    expect(logged.sort()).toEqual(['200 /health', `200 ${TP2}`, '400 ', '404 /nope'].sort());
  });

  test('chunked bodies and HTTP/1.0', async () => {
    await using c = await testCollector();
    const chunked = new Raw(c.port).send(
      `POST ${TP2} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n` +
        '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
    );
    expect(await chunked.rest()).toContain('200 OK');
    const old = new Raw(c.port).send('GET /i?e=pv HTTP/1.0\r\n\r\n');
    expect(await old.rest()).toContain('200 OK');
    expect(c.lines()).toMatchObject([{ request_body: 'abcde' }, { host: 'localhost', query_string: 'e=pv' }]);
  });

  test('a body is sent after 100 Continue, unless it is too large anyway', async () => {
    await using c = await testCollector({ maxBodySize: 100 });
    const head = (length: number) =>
      `POST ${TP2} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;
    const good = new Raw(c.port).send(head(2));
    await good.until('100 Continue');
    good.send('{}');
    await good.until('200 OK');
    good.socket.destroy();
    expect(await new Raw(c.port).send(head(101)).rest()).toMatch(/^HTTP\/1\.1 413/);
    expect(c.lines().map((line) => line.status)).toEqual(['200', '413']);
  });

  test.each([
    ['no host', 'GET /i HTTP/1.1\r\n\r\n', 400],
    ['two hosts', 'GET /i HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
    ['a path above the root', 'GET /../i HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['an unknown method', 'FOO /i HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['CONNECT', 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['a control character in a header', 'GET /i HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n', 400],
    [
      'two lengths',
      `POST ${TP2} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
      400,
    ],
    [
      'length and chunks',
      `POST ${TP2} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
      400,
    ],
    ['a bad chunk', `POST ${TP2} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
    ['a long URI', `GET /i?${'a'.repeat(32_767)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
    ['a URI beyond all bounds', `GET /i?${'a'.repeat(200_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
    ['too many headers', `GET /i HTTP/1.1\r\nHost: a\r\n${'X: a\r\n'.repeat(200)}\r\n`, 431],
    [
      'headers too large',
      `GET /i HTTP/1.1\r\nHost: a\r\n${`X: ${'a'.repeat(1_000)}\r\n`.repeat(80)}\r\n`,
      431,
    ],
  ])('%s: refused, logged, closed', async (_what, bytes, status) => {
    await using c = await testCollector();
    expect(await new Raw(c.port).send(bytes).rest()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(c.lines().map((line) => line.status)).toEqual([String(status)]);
    expect((await ask(c.port, 'GET', '/health')).status).toBe(200);
  });

  test('the longest URI and the largest body are accepted', async () => {
    await using c = await testCollector({ maxBodySize: '1000' });
    const uri = `/i?${'a'.repeat(32_765)}`;
    expect((await ask(c.port, 'GET', uri)).status).toBe(200);
    expect((await ask(c.port, 'POST', TP2, { body: '\0'.repeat(1_000) })).status).toBe(200);
    expect(c.lines()[1]!.request_body).toBe('\0'.repeat(1_000));
  });

  test.each([
    ['announced', 'Content-Length: 300000'],
    ['in chunks', 'Transfer-Encoding: chunked'],
  ])('a body that is too large, %s: the client sees 413 though it goes on sending', async (_how, header) => {
    await using c = await testCollector({ maxBodySize: '64KiB' });
    const chunk = `${(10_000).toString(16)}\r\n${'x'.repeat(10_000)}\r\n`;
    const raw = new Raw(c.port).send(`POST ${TP2} HTTP/1.1\r\nHost: a\r\n${header}\r\n\r\n`);
    for (let i = 0; i < 20; i++) raw.send(chunk);
    expect(await raw.rest()).toMatch(/^HTTP\/1\.1 413 /);
    expect(c.lines()).toMatchObject([{ status: '413', request_body: '', uri: TP2 }]);
  });

  test('slow clients get 408, in the head and in the body; silent ones are closed without a line', async () => {
    await using c = await testCollector({ headersTimeout: 1_000, requestTimeout: 1_000 });
    const head = new Raw(c.port).send('GET /i?slow HTTP/1.1\r\nHo');
    const body = new Raw(c.port).send(`POST ${TP2} HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc`);
    const none = new Raw(c.port);
    expect(await head.rest()).toMatch(/^HTTP\/1\.1 408 /);
    expect(await body.rest()).toMatch(/^HTTP\/1\.1 408 /);
    expect(await none.rest()).toBe('');
    expect(
      c
        .lines()
        .map(({ status, uri }) => `${status} ${uri}`)
        .sort(),
    ).toEqual(['408 ', `408 ${TP2}`]);
  });

  test('a client that leaves in mid-body is logged as Nginx does: 400, no body', async () => {
    await using c = await testCollector();
    const raw = new Raw(c.port).send(`POST ${TP2} HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc`);
    await new Promise((resolve) => raw.socket.write('', resolve));
    raw.socket.end();
    await raw.rest();
    await c.collector.stop();
    expect(readLines(c.folder)).toMatchObject([{ status: '400', uri: TP2, request_body: '' }]);
  });

  test('clients that leave before the answer do no harm', async () => {
    await using c = await testCollector();
    for (let i = 0; i < 50; i++) {
      const raw = new Raw(c.port);
      await new Promise((resolve) => raw.socket.once('connect', resolve));
      await new Promise((resolve) =>
        raw.socket.write(`GET /i?n=${i} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(3), resolve),
      );
      raw.socket.resetAndDestroy();
    }
    expect((await ask(c.port, 'GET', '/health')).status).toBe(200);
    expect(c.said).toEqual([]);
    expect(c.lines().length).toBe(c.collector.stats().lines);
  });

  test('connections beyond the limit are dropped', async () => {
    await using c = await testCollector({ maxConnections: 1 });
    const first = new Raw(c.port).send('GET /health HTTP/1.1\r\nHost: a\r\n\r\n');
    await first.until('200 OK');
    expect(await new Raw(c.port).rest()).toBe('');
    expect(c.collector.stats()).toMatchObject({ droppedConnections: 1, openConnections: 1 });
    first.socket.destroy();
  });

  test('whatever bytes come: nothing throws, the next request is answered, every line parses', async () => {
    await using c = await testCollector();
    const token = fc.constantFrom(
      'GET ',
      'POST ',
      '/i?',
      TP2,
      ' HTTP/1.1',
      '\r\n',
      '\r\n\r\n',
      'Host: a',
      'Content-Length: 5',
      '\n',
      '%',
      '"',
      '\\',
      'Transfer-Encoding: chunked',
      'Connection: close',
      'Expect: 100-continue',
      'Upgrade: x',
      '5\r\nabcde\r\n0\r\n\r\n',
      'Cookie: sp=',
      '\0',
      ' ',
      ':',
    );
    const noise = fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
    const start = fc.constantFrom(
      '',
      'GET /i?e=pv HTTP/1.1\r\nHost: a\r\n',
      `POST ${TP2} HTTP/1.1\r\nHost: a\r\n`,
    );
    await fc.assert(
      fc.asyncProperty(start, fc.array(fc.oneof(token, noise), { maxLength: 15 }), async (first, parts) => {
        const raw = new Raw(c.port).send(first + parts.join(''));
        raw.socket.end();
        await raw.rest();
        expect((await ask(c.port, 'GET', '/health')).status).toBe(200);
      }),
      { numRuns: 300 },
    );
    expect(c.said).toEqual([]);
    expect(c.lines().length).toBe(c.collector.stats().lines);
  });
});

describe('a log that cannot be written', () => {
  test('requests are answered 503, without a cookie, and 200 again when there is space', async () => {
    let full = false;
    const files: LogFiles = {
      ...diskLogFiles,
      async open(path) {
        const file = await diskLogFiles.open(path);
        return {
          ...file,
          async write(buffer, offset, length) {
            if (full) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
            return file.write(buffer, offset, length);
          },
        };
      },
    };
    await using c = await testCollector({}, { files });
    full = true;
    const refused = await ask(c.port, 'GET', '/i?e=pv');
    expect([refused.status, refused.header('set-cookie')]).toEqual([503, undefined]);
    expect((await ask(c.port, 'POST', TP2, { body: '{}' })).status).toBe(503);
    expect((await ask(c.port, 'GET', '/health')).status).toBe(503);
    full = false;
    expect((await ask(c.port, 'GET', '/i?e=pv')).status).toBe(200);
    expect(c.lines()).toHaveLength(1);
    expect(c.collector.stats()).toMatchObject({ lines: 1, unlogged: 3, answers: { 200: 1, 503: 3 } });
    expect(c.said[0]).toContain('no space');
  });

  test('too much waiting is 503, not memory', async () => {
    await using c = await testCollector({ maxBufferedSize: 1_000 });
    expect((await ask(c.port, 'POST', TP2, { body: 'x'.repeat(2_000) })).status).toBe(503);
    expect((await ask(c.port, 'POST', TP2, { body: 'x' })).status).toBe(200);
  });
});

describe('start and stop', () => {
  const start = (settings: Record<string, unknown>) =>
    startCollector(collectorSettings.parse(settings), { diagnostics: silent });

  test('a busy port says so', async () => {
    await using c = await testCollector();
    const error = await start({ port: c.port, accessLog: join(c.folder, 'other.log') }).catch(
      (e: unknown) => e,
    );
    expect(hasCode(error, 'PORT_IN_USE')).toBe(true);
    expect(error).toMatchObject({ remedy: expect.stringContaining('--port') });
  });

  test('an address of another machine says so', async () => {
    await using c = await testCollector();
    const error = await start({ port: 0, host: '192.0.2.1', accessLog: join(c.folder, 'o.log') }).catch(
      (e: unknown) => e,
    );
    expect(hasCode(error, 'ADDRESS_NOT_AVAILABLE')).toBe(true);
  });

  test('a log in a place that is no folder says so, before it listens', async () => {
    await using c = await testCollector();
    writeFileSync(join(c.folder, 'file'), '');
    const error = await start({ port: 0, accessLog: join(c.folder, 'file/tracking.log') }).catch(
      (e: unknown) => e,
    );
    expect(hasCode(error, 'LOG_UNWRITABLE')).toBe(true);
  });

  test('a log that is a folder says so', async () => {
    await using c = await testCollector();
    mkdirSync(join(c.folder, 'folder'));
    chmodSync(join(c.folder, 'folder'), 0o500);
    const error = await start({ port: 0, accessLog: join(c.folder, 'folder') }).catch((e: unknown) => e);
    expect(hasCode(error, 'LOG_UNWRITABLE')).toBe(true);
  });

  test('stopping finishes what is in hand, then takes nothing more', async () => {
    await using c = await testCollector();
    const idle = new Raw(c.port).send('GET /health HTTP/1.1\r\nHost: a\r\n\r\n');
    await idle.until('200 OK');
    const busy = new Raw(c.port).send(
      `POST ${TP2} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n`,
    );
    await busy.until('100 Continue');
    const stopped = Promise.all([c.collector.stop(), c.collector.stop()]);
    await idle.rest();
    busy.send('{}');
    expect(await busy.rest()).toMatch(/200 OK.*Connection: close/s);
    await stopped;
    await c.collector.done;
    expect(c.lines()).toHaveLength(2);
    await expect(ask(c.port, 'GET', '/health')).rejects.toThrow();
  });

  test('stopping waits for nobody longer than set', async () => {
    await using c = await testCollector({ stopTimeout: 50 });
    const raw = new Raw(c.port).send(
      `POST ${TP2} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n`,
    );
    await raw.until('100 Continue');
    await c.collector.stop();
    await raw.rest();
  });

  test('a disk that hangs does not keep it from stopping', async () => {
    const { promise: hanging, resolve: wake } = Promise.withResolvers<number>();
    const { promise: writing, resolve: begun } = Promise.withResolvers<void>();
    const write = () => {
      begun();
      return hanging;
    };
    const files: LogFiles = {
      ...diskLogFiles,
      open: async (path) => ({ ...(await diskLogFiles.open(path)), write }),
    };
    const c = await testCollector({ stopTimeout: 50 }, { files });
    const raw = new Raw(c.port).send('GET /i HTTP/1.1\r\nHost: a\r\n\r\n');
    await writing;
    const error = await c.collector.stop().catch((e: unknown) => e);
    expect(hasCode(error, 'LOG_STUCK')).toBe(true);
    expect(await raw.rest()).toBe('');
    wake(1_000_000);
    rmSync(c.folder, { recursive: true, force: true });
  });

  test('reopen goes on in a new log', async () => {
    await using c = await testCollector();
    await ask(c.port, 'GET', '/i?first');
    renameSync(c.accessLog, `${c.accessLog}.1`);
    await c.collector.reopen();
    await ask(c.port, 'GET', '/i?second');
    expect(readFileSync(`${c.accessLog}.1`, 'latin1')).toContain('"first"');
    expect(readFileSync(c.accessLog, 'latin1')).toContain('"second"');
  });
});
