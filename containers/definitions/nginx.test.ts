import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readLines } from '../../pipeline/collector/fixtures/harness.ts';
import { sendRequest } from '../conformance/raw-http.ts';
import { raw, request, requestBytes } from '../conformance/request.ts';
import { engineForTests, testRun } from '../testing/engine.ts';
import { type ContainerContext, closeNetwork, type NginxService, openNetwork, startNginx } from './index.ts';

const { engine, why } = await engineForTests();

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A line comes after its answer. */
const SOON = { timeout: 20_000 };

describe.skipIf(!engine)(`Nginx as the collector ${why}`, () => {
  let context: ContainerContext;
  let nginx: NginxService;
  const folder = mkdtempSync(join(tmpdir(), 'clickproof-nginx-'));

  beforeAll(async () => {
    context = await openNetwork(engine!, testRun('nginx'));
    nginx = await startNginx(context, folder);
  });
  afterAll(async () => {
    if (context) await closeNetwork(context);
    rmSync(folder, { recursive: true, force: true });
  });

  it('says what it takes for the address of this machine', async () => {
    await sendRequest(nginx.service.port(8080), request('GET', '/i?from'));
    await vi.waitFor(() => {
      const line = readLines(folder).find(({ query_string }) => query_string === 'from');
      expect(line?.remote_addr).toBe(nginx.clientAddress);
    }, SOON);
  });

  it('makes a new id for somebody new and sets it as cookie', async () => {
    const [answer] = await sendRequest(nginx.service.port(8080), request('GET', '/i?new'));
    const line = await vi.waitFor(() => {
      const found = readLines(folder).find(({ query_string }) => query_string === 'new');
      expect(found).toBeDefined();
      return found!;
    }, SOON);
    expect(line.network_userid).toMatch(UUID);
    expect(answer!.headers['set-cookie']).toBe(
      `sp=${line.network_userid}; Max-Age=31536000; Path=/; Secure; HttpOnly; SameSite=None`,
    );
  });

  it('refuses, and does not lose, a body that does not fit its buffer', async () => {
    const chunk = `1;${'a'.repeat(200)}\r\nx\r\n`;
    const head = requestBytes('POST', '/a/b', { headers: ['Transfer-Encoding: chunked'] });
    const before = readLines(folder).length;
    const [answer] = await sendRequest(
      nginx.service.port(8080),
      raw(Buffer.concat([head, Buffer.from(`${chunk.repeat(50_000)}0\r\n\r\n`)])),
    );
    expect(answer!.status).toBe(413);
    await vi.waitFor(() => {
      const [line] = readLines(folder).slice(before);
      expect(line).toMatchObject({ status: '413', request_body: '', network_userid: '' });
    }, SOON);
  });

  it('starts again after it was killed', async () => {
    await nginx.service.signal('SIGKILL');
    await nginx.service.start();
    const [answer] = await sendRequest(nginx.service.port(8080), request('POST', '/a/b', { body: '{}' }));
    expect(answer!.status).toBe(200);
  });

  it('loses no line when the log is rotated while requests come in', async () => {
    const port = nginx.service.port(8080);
    const sent: string[] = [];
    let going = true;
    const clients = Array.from({ length: 4 }, async (_, client) => {
      for (let i = 0; going; i++) {
        const id = `${client}-${i}`;
        const [answer] = await sendRequest(port, request('GET', `/i?rotation=${id}`));
        if (answer?.status === 200) sent.push(id);
      }
    });
    for (let i = 1; i <= 3; i++) {
      const enough = i * 40;
      await vi.waitFor(() => expect(sent.length).toBeGreaterThan(enough), SOON);
      await nginx.rotate(`${nginx.accessLog}.${i}`);
      await vi.waitFor(() => expect(readFileSync(nginx.accessLog, 'latin1')).not.toBe(''), SOON);
    }
    going = false;
    await Promise.all(clients);
    await vi.waitFor(() => {
      const logged = readLines(folder).map((line) => /rotation=(.*)/.exec(line.query_string!)?.[1]);
      expect(logged.filter((id) => id !== undefined).sort()).toEqual(sent.sort());
    }, SOON);
  });
});
