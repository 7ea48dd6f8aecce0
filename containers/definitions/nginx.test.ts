import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readLines, type TestCollector, testCollector } from '../../pipeline/collector/fixtures/harness.ts';
import { ACCESS_LOG_FIELDS } from '../../pipeline/contracts/access-log.ts';
import { engineForTests, testRun } from '../testing/engine.ts';
import { type RawAnswer, requestBytes, sendBytes } from '../testing/raw-http.ts';
import { COMMON_REQUESTS, recordedRequests } from '../testing/request-corpus.ts';
import { type ContainerContext, closeNetwork, type NginxService, openNetwork, startNginx } from './index.ts';

const { engine, why } = await engineForTests();

type Line = Record<string, string>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Fields that differ all the same; why is in docs/decisions/0071. */
const DIFFERENT: Readonly<Record<string, readonly string[]>> = {
  'POST after 100-continue': ['size'],
  'URI of a character more': ['host'],
};

describe.skipIf(!engine)(`Nginx as the collector ${why}`, () => {
  let context: ContainerContext;
  let nginx: NginxService;
  let collector: TestCollector;
  const folder = mkdtempSync(join(tmpdir(), 'clickproof-nginx-'));

  beforeAll(async () => {
    context = await openNetwork(engine!, testRun('nginx'));
    nginx = await startNginx(context, folder);
    collector = await testCollector();
  });
  afterAll(async () => {
    await collector?.[Symbol.asyncDispose]();
    if (context) await closeNetwork(context);
    rmSync(folder, { recursive: true, force: true });
  });

  /** Sends bytes to both, and gives what each answered and logged. */
  async function both(bytes: Buffer, answers = 1) {
    const one = async (port: number, lines: () => Line[]) => {
      const before = lines().length;
      const answered = await sendBytes(port, bytes);
      // Nginx writes the line after the answer.
      const logged = await vi.waitFor(() => {
        const found = lines().slice(before);
        expect(found).toHaveLength(answers);
        return found;
      });
      return { answered, logged };
    };
    return {
      theirs: await one(nginx.service.port(8080), () => withoutHealthChecks(readLines(folder))),
      ours: await one(collector.port, () => collector.lines()),
    };
  }

  for (const [name, bytes] of Object.entries({ ...recordedRequests(), ...COMMON_REQUESTS })) {
    it(`logs and answers as the built-in collector does: ${name}`, async () => {
      const { theirs, ours } = await both(bytes, name.startsWith('two') ? 2 : 1);
      const differ = Object.fromEntries((DIFFERENT[name] ?? []).map((field) => [field, 'differs']));
      const compared = (line: Line) => ({ ...comparable(line), ...differ });
      expect(theirs.logged.map(compared)).toEqual(ours.logged.map(compared));
      expect(theirs.answered.map(comparableAnswer)).toEqual(ours.answered.map(comparableAnswer));
      for (const line of theirs.logged) expect(Object.keys(line)).toEqual([...ACCESS_LOG_FIELDS]);
    });
  }

  it('makes a new id for somebody new and sets it as cookie', async () => {
    const { theirs } = await both(requestBytes('GET', '/i?new'));
    const [line] = theirs.logged;
    expect(line!.network_userid).toMatch(UUID);
    expect(theirs.answered[0]!.headers['set-cookie']).toBe(
      `sp=${line!.network_userid}; Max-Age=31536000; Path=/; Secure; HttpOnly; SameSite=None`,
    );
  });

  it('refuses, and does not lose, a body that does not fit its buffer', async () => {
    const chunk = `1;${'a'.repeat(200)}\r\nx\r\n`;
    const head = requestBytes('POST', '/a/b', { headers: ['Transfer-Encoding: chunked'] });
    const bytes = Buffer.concat([head, Buffer.from(`${chunk.repeat(50_000)}0\r\n\r\n`)]);
    const before = readLines(folder).length;
    const [answer] = await sendBytes(nginx.service.port(8080), bytes);
    expect(answer!.status).toBe(413);
    await vi.waitFor(() => {
      const [line] = readLines(folder).slice(before);
      expect(line).toMatchObject({ status: '413', request_body: '', network_userid: '' });
    });
  });

  it('loses no line when the log is rotated while requests come in', async () => {
    const port = nginx.service.port(8080);
    const sent: string[] = [];
    let going = true;
    const clients = Array.from({ length: 4 }, async (_, client) => {
      for (let i = 0; going; i++) {
        const id = `${client}-${i}`;
        const [answer] = await sendBytes(port, requestBytes('GET', `/i?rotation=${id}`));
        if (answer?.status === 200) sent.push(id);
      }
    });
    for (let i = 1; i <= 3; i++) {
      const enough = i * 40;
      await vi.waitFor(() => expect(sent.length).toBeGreaterThan(enough), { timeout: 20_000 });
      await nginx.rotate(`${nginx.accessLog}.${i}`);
      await vi.waitFor(() => expect(readFileSync(nginx.accessLog, 'latin1')).not.toBe(''), {
        timeout: 20_000,
      });
    }
    going = false;
    await Promise.all(clients);
    await vi.waitFor(() => {
      const logged = readLines(folder).map((line) => /rotation=(.*)/.exec(line.query_string!)?.[1]);
      expect(logged.filter((id) => id !== undefined).sort()).toEqual(sent.sort());
    });
  });

  /** The readiness check asks for /health, with nothing in its head that a test of ours sends. */
  function withoutHealthChecks(lines: Line[]): Line[] {
    return lines.filter(({ uri, host }) => uri !== '/health' || host === 'collector.example');
  }
});

/** What must be equal: all but times, ids made at random, and the sizes of refusals, whose texts differ. */
function comparable(line: Line): Line {
  const { msec, time, request_id, remote_addr, network_userid, size, partition_key, ...rest } = line;
  const refused = Number(rest.status) >= 400 && rest.status !== '404';
  return {
    ...rest,
    msec: /^\d{10}\.\d{3}$/.test(msec!) ? 'seconds' : msec!,
    time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/.test(time!) ? 'iso' : time!,
    request_id: /^[0-9a-f]{32}$/.test(request_id!) ? 'id' : request_id!,
    remote_addr: remote_addr === '' ? '' : 'address',
    partition_key: partition_key === remote_addr && remote_addr !== '' ? 'address' : partition_key!,
    network_userid: given(network_userid!),
    size: refused ? 'refusal' : size!,
  };
}

function comparableAnswer({ status, headers, body }: RawAnswer) {
  const { date, server, connection, 'keep-alive': _, 'set-cookie': cookie, ...named } = headers;
  const rest: Record<string, string> = named;
  const refused = status >= 400 && status !== 404;
  if (refused) return { status };
  // Nginx names a type even where there is nothing of it.
  if (rest['content-length'] === '0') delete rest['content-type'];
  const id = /^sp=([^;]*);/.exec(cookie ?? '')?.[1];
  return { status, headers: rest, body, cookie: id === undefined ? 'none' : given(id) };
}

/** Ids that the client chose are the same everywhere. */
function given(id: string): string {
  return id === '' || id.startsWith('11111111-') || id.startsWith('99999999-')
    ? id
    : UUID.test(id)
      ? 'new'
      : id;
}
