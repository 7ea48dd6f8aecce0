import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SpawnedServer, spawnClickHouseServer } from './spawn-server.ts';

const directory = mkdtempSync(join(tmpdir(), 'clickproof-ch-'));
const path = join(directory, 'data');
let server: SpawnedServer;
let client: ClickHouseClient;

const clientOf = (url: string, compress = false) =>
  createClient({
    url,
    log: { level: ClickHouseLogLevel.OFF },
    compression: { request: compress, response: compress },
  });

async function rows<Row = unknown>(query: string, using = client): Promise<Row[]> {
  return (await using.query({ query, format: 'JSONEachRow' })).json<Row>();
}

async function failure(
  promise: Promise<unknown>,
): Promise<{ code?: string; type?: string; message: string }> {
  return promise.then(
    () => expect.fail('should have been refused'),
    (error) => error,
  );
}

/** Sends bytes as they are; resolves with whatever comes back until the server closes. */
function raw(bytes: string | Uint8Array): Promise<string> {
  const { port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), '127.0.0.1', () => socket.end(bytes));
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', (error) => (answer ? resolve(answer) : reject(error)));
  });
}

beforeAll(async () => {
  server = await spawnClickHouseServer({ path, maxQueryBytes: 1 << 20, maxBodyBytes: 8 << 20 });
  client = clientOf(server.url);
  await client.command({ query: 'CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a' });
});

afterAll(async () => {
  await client.close();
  await server.kill();
  rmSync(directory, { recursive: true, force: true });
});

describe('over @clickhouse/client', () => {
  it('answers pings and says what it is', async () => {
    expect(await client.ping()).toEqual({ success: true });
    expect(await client.ping({ select: true })).toEqual({ success: true });
    const banner = await fetch(server.url);
    expect(banner.headers.get('server')).toContain('chdb');
    expect(await banner.text()).toContain('clickproof');
  });

  it.each([false, true])('inserts and reads, compressed: %s', async (compress) => {
    const using = clientOf(server.url, compress);
    await using.command({ query: 'TRUNCATE TABLE t' });
    const values = [
      { a: '18446744073709551615', s: '\n\n; DROP TABLE t; é😀\0' },
      { a: '2', s: '' },
    ];
    const { summary } = await using.insert({ table: 't', values, format: 'JSONEachRow' });
    expect(summary?.written_rows).toBe('2');
    const csv = Readable.from('3,"a\n\n;b"\n4,c\n', { objectMode: false });
    await using.insert({ table: 't', values: csv, format: 'CSV' });
    await using.command({ query: "INSERT INTO t VALUES (5, 'x\n\ny;'), (6, 'z')" });
    await using.insert({ table: 't', values: [[7, 'q']], format: 'JSONCompactEachRow' });
    expect(await rows('SELECT toString(a) AS a, s FROM t ORDER BY t.a', using)).toEqual([
      { a: '2', s: '' },
      { a: '3', s: 'a\n\n;b' },
      { a: '4', s: 'c' },
      { a: '5', s: 'x\n\ny;' },
      { a: '6', s: 'z' },
      { a: '7', s: 'q' },
      values[0],
    ]);
    const json = await using.query({ query: 'SELECT a FROM t ORDER BY a LIMIT 1', format: 'JSON' });
    expect((await json.json()).data).toEqual([{ a: 2 }]);
    await using.close();
  });

  it('takes binary data byte for byte, and data without rows', async () => {
    await client.command({ query: 'TRUNCATE TABLE t' });
    const row = Buffer.concat([
      Buffer.from([10, 0, 0, 0, 0, 0, 0, 0, 6]),
      Buffer.from('\n\n;\0\xff ', 'latin1'),
    ]);
    for (const body of [row, Buffer.alloc(0)]) {
      const { stream } = await client.exec({
        query: 'INSERT INTO t FORMAT RowBinary',
        values: Readable.from([body], { objectMode: false }),
      });
      stream.resume();
      await new Promise((resolve) => stream.once('close', resolve));
    }
    expect(await rows('SELECT a, hex(s) AS s FROM t')).toEqual([{ a: 10, s: '0A0A3B00FF20' }]);
  });

  it('binds parameters, each request its own', async () => {
    const tricky = "a'b\\\t\n\r\0ñ😀{x:String}";
    const ask = async (x: string, n: number) =>
      (
        await client.query({
          query: 'SELECT {x:String} AS x, {n:UInt32} AS n, {list:Array(String)} AS list',
          query_params: { x, n, list: [x, ''] },
          format: 'JSONEachRow',
        })
      ).json();
    const answers = await Promise.all(Array.from({ length: 24 }, (_, n) => ask(`${tricky}${n}`, n)));
    expect(answers).toEqual(answers.map((_, n) => [{ x: `${tricky}${n}`, n, list: [`${tricky}${n}`, ''] }]));
    const long = 'y'.repeat(90_000);
    const form = await client.query({
      query: 'SELECT length({x:String}) AS n',
      query_params: { x: long },
      use_multipart_params: true,
      format: 'JSONEachRow',
    });
    expect(await form.json()).toEqual([{ n: long.length }]);
  });

  it('keeps settings and database to the request that sets them', async () => {
    await client.command({ query: 'CREATE DATABASE IF NOT EXISTS other' });
    const other = createClient({
      url: server.url,
      database: 'other',
      clickhouse_settings: { max_block_size: '77' },
    });
    expect(await rows("SELECT currentDatabase() AS d, getSetting('max_block_size') AS m", other)).toEqual([
      { d: 'other', m: 77 },
    ]);
    expect(await rows("SELECT currentDatabase() AS d, getSetting('max_block_size') = 77 AS m")).toEqual([
      { d: 'default', m: 0 },
    ]);
    await other.close();
  });

  it('streams a result larger than it would hold, and cancels one that nobody reads', async () => {
    const result = await client.query({
      query: "SELECT number, repeat('x', 100) AS s FROM numbers(1000000)",
      format: 'JSONEachRow',
    });
    let count = 0;
    for await (const some of result.stream()) count += some.length;
    expect(count).toBe(1_000_000);
    const endless = await client.query({ query: 'SELECT number FROM system.numbers', format: 'JSONEachRow' });
    for await (const _ of endless.stream()) break;
    expect(await rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('gives errors their code and status, before and in mid-stream', async () => {
    expect(await failure(rows('SELECT nope'))).toMatchObject({ code: '47', type: 'UNKNOWN_IDENTIFIER' });
    expect(await failure(rows('SELECT * FROM nowhere'))).toMatchObject({ code: '60' });
    expect(await failure(client.command({ query: 'SELECT 1; SELECT 2' }))).toMatchObject({ code: '62' });
    const bad = client.insert({ table: 't', values: [{ a: 'x' }], format: 'JSONEachRow' });
    const error = await failure(bad);
    expect(error).toMatchObject({ code: '27' });
    expect(error.message).not.toContain('spool');
    expect(await failure(rows('SELECT throwIf(number = 2000000) FROM numbers(3000000)'))).toMatchObject({
      code: '395',
    });
    const answer = await fetch(server.url, { method: 'POST', body: 'SELECT nope' });
    expect([answer.status, answer.headers.get('x-clickhouse-exception-code')]).toEqual([404, '47']);
  });
});

describe('whatever comes', () => {
  it.each([
    ['a body that is no gzip', { 'content-encoding': 'gzip' }, 'no gzip', 400],
    ['an unknown encoding', { 'content-encoding': 'lzma' }, 'x', 400],
    ['a broken form', { 'content-type': 'multipart/form-data; boundary=x' }, 'x', 400],
    ['an empty statement', {}, ' ', 400],
    ['a statement that is too long', {}, 'x'.repeat((1 << 20) + 1), 413],
    ['a bomb', { 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(16 << 20)), 413],
    ['a page of another site', { origin: 'https://evil.example' }, 'SELECT 1', 403],
  ])('refuses %s', async (_what, headers, body, status) => {
    const answer = await fetch(server.url, {
      method: 'POST',
      headers: headers as Record<string, string>,
      body,
    });
    expect(answer.status).toBe(status);
    expect(await answer.text()).toMatch(/^Code: \d+\. DB::Exception: /);
  });

  it('refuses a name made to point here, and writing by GET', async () => {
    const status = await new Promise((resolve) => {
      request(`${server.url}/?query=SELECT%201`, { headers: { host: 'evil.example' } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).end();
    });
    expect(status).toBe(403);
    const get = await fetch(`${server.url}/?query=${encodeURIComponent('DROP TABLE t')}`);
    expect(get.headers.get('x-clickhouse-exception-code')).toBe('164');
    await get.text();
  });

  it('refuses a body that is too large, and leaves nothing of it', async () => {
    const answer = await fetch(`${server.url}/?query=INSERT%20INTO%20t%20FORMAT%20TSV`, {
      method: 'POST',
      body: gzipSync(Buffer.alloc(9 << 20, '1')),
      headers: { 'content-encoding': 'gzip' },
    });
    expect(answer.status).toBe(413);
    await answer.text();
    expect(readdirSync(join(path, 'clickproof-spool'))).toEqual([]);
  });

  it('lives through garbage', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, asBody) => {
        const head = `POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${bytes.length}\r\n\r\n`;
        await raw(asBody ? Buffer.concat([Buffer.from(head), bytes]) : bytes).catch(() => undefined);
      }),
      { numRuns: 60 },
    );
    expect(await raw(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nSELECT`)).toContain(
      ' 400 ',
    );
    expect(await client.ping({ select: true })).toEqual({ success: true });
  });
});

describe('a process of its own', () => {
  it('says who has the port or the data', async () => {
    const port = Number(new URL(server.url).port);
    expect(await failure(spawnClickHouseServer({ path: join(directory, 'x'), port }))).toMatchObject({
      code: 'PORT_IN_USE',
    });
    const second = await failure(spawnClickHouseServer({ path }));
    expect(second).toMatchObject({ code: 'DATA_PATH_IN_USE' });
    expect(second.message).toContain(String(server.process.pid));
  });

  it('says that a data directory is corrupt or no directory', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    expect(await failure(spawnClickHouseServer({ path: file }))).toMatchObject({
      code: 'DATA_PATH_UNUSABLE',
    });
    const corrupt = join(directory, 'corrupt');
    const maker = await spawnClickHouseServer({ path: corrupt });
    const using = clientOf(maker.url);
    await using.command({ query: 'CREATE TABLE k (a UInt64) ENGINE = MergeTree ORDER BY a' });
    await using.close();
    await maker.kill();
    const definition = readdirSync(corrupt, { recursive: true }).find((name) =>
      String(name).endsWith('k.sql'),
    );
    writeFileSync(join(corrupt, String(definition)), 'this is no SQL');
    expect(await failure(spawnClickHouseServer({ path: corrupt }))).toMatchObject({ code: 'DATA_CORRUPT' });
  });

  it('keeps what it acknowledged through SIGKILL, and starts again', async () => {
    const own = join(directory, 'killed');
    let victim = await spawnClickHouseServer({ path: own });
    let using = clientOf(victim.url);
    await using.command({ query: 'CREATE TABLE k (a UInt64) ENGINE = MergeTree ORDER BY a' });
    let acknowledged = 0;
    for (let batch = 0; batch < 3; batch++) {
      const killed = victim.process;
      for (let n = 0; n < 5; n++) {
        await using.insert({ table: 'k', values: [{ a: acknowledged }], format: 'JSONEachRow' });
        acknowledged++;
      }
      // In mid-insert: whether this one is there afterwards is open, all others must be.
      const open = using
        .insert({
          table: 'k',
          values: Array.from({ length: 5_000 }, () => ({ a: 1e9 })),
          format: 'JSONEachRow',
        })
        .catch(() => undefined);
      killed.kill('SIGKILL');
      await victim.kill();
      await open;
      await using.close();
      victim = await spawnClickHouseServer({ path: own });
      using = clientOf(victim.url);
      const [row] = await rows<{ n: number; whole: number }>(
        'SELECT countIf(a < 1e9) AS n, countIf(a >= 1e9) % 5000 = 0 AS whole FROM k',
        using,
      );
      expect(row).toEqual({ n: acknowledged, whole: 1 });
    }
    await using.close();
    await victim.kill();
    expect(victim.process.exitCode).toBe(0);
  });

  it('checks credentials when it is given a password', async () => {
    const guarded = await spawnClickHouseServer({ path: join(directory, 'guarded'), password: 'päss' });
    const good = createClient({ url: guarded.url, password: 'päss' });
    const wrong = createClient({ url: guarded.url, password: 'x', log: { level: ClickHouseLogLevel.OFF } });
    expect(await rows('SELECT 1 AS one', good)).toEqual([{ one: 1 }]);
    expect(await failure(rows('SELECT 1', wrong))).toMatchObject({ code: '516' });
    await Promise.all([good.close(), wrong.close()]);
    await guarded.kill();
  });
});
