import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Answer } from '../ledger/records.ts';
import type { PlannedRequest } from '../plan/request.ts';
import { type Listening, listen } from './listen.ts';
import { FIRST_OF_BROWSERS, type Relay, type RelayOptions, startRelay } from './relay.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

/** What the ledger was told and what the collector saw, in their order. */
const log: string[] = [];
const intents: PlannedRequest[] = [];
const answers: Answer[] = [];
afterEach(() => {
  for (const list of [log, intents, answers]) list.length = 0;
});

const ledger = {
  intend(plan: PlannedRequest) {
    intents.push(plan);
    log.push('intend');
  },
  answer(answer: Answer) {
    answers.push(answer);
    log.push('answer');
  },
  flush: () => void log.push('flush'),
};

async function collector(listener: RequestListener): Promise<Listening> {
  const server = await listen(createServer(listener));
  open.push(server);
  return server;
}

async function relayTo(target: string, part: Partial<RelayOptions> = {}): Promise<Relay> {
  const relay = await startRelay({
    target,
    ledger,
    began: Date.now(),
    timeout: 5_000,
    onSent: () => {},
    onAnswer: () => {},
    onFatal: () => {},
    ...part,
  });
  open.push(relay);
  return relay;
}

async function ask(origin: string, path: string, headers: string[], body?: Buffer, method = 'POST') {
  const outgoing = httpRequest(origin + path, {
    method,
    headers: ['Host', 'relay', ...headers],
    agent: false,
  });
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  let content = '';
  for await (const chunk of answer.setEncoding('latin1')) content += chunk;
  return { status: answer.statusCode, headers: answer.headers, content };
}

const COOKIE = 'sp=11111111-1111-4111-8111-111111111111; Path=/; Max-Age=1000';

describe('the relay between real browsers and the collector', () => {
  test('writes a request down before it hands it on as it is, and its answer after', async () => {
    const seen: unknown[] = [];
    const { origin } = await collector(async (request, response) => {
      log.push('collector');
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { method, url, rawHeaders } = request;
      seen.push({ method, url, rawHeaders, body: Buffer.concat(chunks) });
      response.writeHead(200, ['Set-Cookie', COOKIE, 'X-Two', '1', 'X-Two', '2']).end('gif');
    });
    const relay = await relayTo(origin);
    const body = Buffer.from([0x7b, 0xff, 0x00, 0x7d]);
    const headers = ['X-Last', 'caf\u00e9', 'cookie', 'a=1', 'Content-Length', '4', 'Origin', 'http://x'];
    const answer = await ask(relay.origin, '/i?a=%zz&b=1', headers, body);
    expect(answer).toMatchObject({ status: 200, content: 'gif', headers: { 'x-two': '1, 2' } });
    expect(answer.headers['set-cookie']).toEqual([COOKIE]);
    expect(log.slice(0, 4)).toEqual(['intend', 'flush', 'collector', 'answer']);
    expect(seen).toEqual([
      {
        method: 'POST',
        url: '/i?a=%zz&b=1',
        rawHeaders: [...headers, 'Host', new URL(origin).host, 'Connection', 'close'],
        body,
      },
    ]);
    expect(intents).toMatchObject([
      {
        request: FIRST_OF_BROWSERS,
        kind: 'browser',
        browser: null,
        method: 'POST',
        target: '/i?a=%zz&b=1',
        body,
      },
    ]);
    expect(intents[0]!.headers.flat()).toEqual(headers);
    const networkUserId = COOKIE.slice(3, 39);
    expect(answers).toMatchObject([
      { request: FIRST_OF_BROWSERS, status: 200, outcome: 'acknowledged', networkUserId },
    ]);
  });

  test('counts the events of a request, and numbers requests one by one', async () => {
    const { origin } = await collector((_, response) => void response.end());
    const relay = await relayTo(origin);
    const post = (text: string) => ask(relay.origin, '/tp2', [], Buffer.from(text));
    await ask(relay.origin, '/i?e=pv', [], undefined, 'GET');
    await ask(relay.origin, '/tp2', [], undefined, 'OPTIONS');
    await post('{"data":[{},{}]}');
    await post('no json');
    expect(intents.map(({ events }) => events)).toEqual([1, 0, 2, 0]);
    expect(intents.map(({ request }) => request - FIRST_OF_BROWSERS)).toEqual([0, 1, 2, 3]);
    expect(intents[0]!.body).toBeNull();
  });

  test('tells what was refused from what nobody knows', async () => {
    const { origin, close } = await collector((request, response) => {
      if (request.url === '/lost') request.socket.destroy();
      else response.writeHead(413).end();
    });
    const relay = await relayTo(origin);
    expect(await ask(relay.origin, '/large', [])).toMatchObject({ status: 413 });
    expect(await ask(relay.origin, '/lost', [])).toMatchObject({ status: 502 });
    await close();
    open.shift();
    expect(await ask(relay.origin, '/gone', [])).toMatchObject({ status: 502 });
    expect(answers).toMatchObject([
      { status: 413, outcome: 'refused' },
      { status: null, outcome: 'unknown' },
      { status: null, outcome: 'refused', error: expect.stringContaining('ECONNREFUSED') },
    ]);
  });

  test('sends nothing that the ledger did not take', async () => {
    let seen = 0;
    const { origin } = await collector((_, response) => {
      seen += 1;
      response.end();
    });
    const fatal: unknown[] = [];
    const full = {
      ...ledger,
      flush: () => {
        throw new Error('full');
      },
    };
    const relay = await relayTo(origin, { ledger: full, onFatal: (error) => fatal.push(error) });
    expect(await ask(relay.origin, '/i', [])).toMatchObject({ status: 503 });
    expect(await ask(relay.origin, '/i', [])).toMatchObject({ status: 503 });
    expect({ seen, fatal: fatal.length }).toEqual({ seen: 0, fatal: 1 });
  });

  test('forgets a request that never became whole, and refuses what is larger than any collector takes', async () => {
    const { origin } = await collector((_, response) => void response.end());
    const relay = await relayTo(origin);
    const socket = connect(Number(new URL(relay.origin).port), '127.0.0.1');
    socket.write('POST /tp2 HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nfive5', () => socket.destroy());
    await once(socket, 'close');
    expect(await ask(relay.origin, '/tp2', [], Buffer.alloc(5 * 1024 * 1024))).toMatchObject({ status: 413 });
    expect(intents).toEqual([]);
  });

  test('waits for what is under way before it closes', async () => {
    const arrived = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<void>();
    const { origin } = await collector(async (_, response) => {
      arrived.resolve();
      await leave.promise;
      response.end();
    });
    const relay = await relayTo(origin);
    const asking = ask(relay.origin, '/i', []);
    await arrived.promise;
    const closing = relay.close();
    open.pop();
    leave.resolve();
    await closing;
    expect(answers).toMatchObject([{ status: 200 }]);
    expect(await asking).toMatchObject({ status: 200 });
  });
});
