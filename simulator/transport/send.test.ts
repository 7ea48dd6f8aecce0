import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Answer } from '../ledger/index.ts';
import { openLedger, readAnswers, readIntents } from '../ledger/index.ts';
import type { PlannedRequest } from '../plan/request.ts';
import { plannedRequest } from '../plan/testing/planned-request.ts';
import { FIRST_RESEND, send } from './index.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

function listen(server: net.Server): Promise<string> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  undo.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as net.AddressInfo).port}`),
    ),
  );
}

const collector = (handler: http.RequestListener): Promise<string> => listen(http.createServer(handler));

/** A server that speaks bytes: called with everything that has come on a connection so far. */
const raw = (handler: (received: Buffer, socket: net.Socket) => void): Promise<string> =>
  listen(
    net.createServer((socket) => {
      let received = Buffer.alloc(0);
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        received = Buffer.concat([received, chunk]);
        handler(received, socket);
      });
    }),
  );

function plan(count: number, part: (i: number) => Partial<PlannedRequest> = () => ({})): PlannedRequest[] {
  return Array.from({ length: count }, (_, i) =>
    plannedRequest({ request: i, browser: `b${i}`, target: `/i?e=pv&p=web&tv=x&i=${i}`, ...part(i) }),
  );
}

function ledgerDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'send-'));
  undo.push(() => rmSync(directory, { recursive: true }));
  return join(directory, 'run');
}

function ledgerIn(directory: string, target: string) {
  const ledger = openLedger(directory, {
    schema: 1,
    mark: 'm',
    seed: 1,
    began: Date.now(),
    target,
    settings: {},
  });
  undo.push(() => ledger.close());
  return ledger;
}

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

describe('send', () => {
  it('sends everything, keeps connections, and counts the answers', async () => {
    let connections = 0;
    const server = http.createServer((request, response) => {
      response.statusCode = request.url!.endsWith('7') ? 503 : 200;
      response.end('ok');
    });
    server.on('connection', () => connections++);
    const target = await listen(server);
    const result = await send(plan(500), { target, speed: 'max', concurrency: 8 });
    expect(result).toMatchObject({
      planned: 500,
      sent: 500,
      acknowledged: 450,
      refused: 50,
      unknown: 0,
      events: 500,
    });
    expect(result.statuses).toEqual({ 200: 450, 503: 50 });
    expect(result.latency.totalCount).toBe(500);
    expect(result.maxInFlight).toBe(8);
    expect(connections).toBeLessThanOrEqual(8);
  });

  it('has written the intent before the first byte of its request arrives', async () => {
    const directory = ledgerDirectory();
    let unannounced = 0;
    const target = await collector((request, response) => {
      const written = existsSync(join(directory, 'intents.ndjson'))
        ? readFileSync(join(directory, 'intents.ndjson'), 'utf8')
        : '';
      if (!written.includes(JSON.stringify(request.url))) unannounced++;
      response.setHeader(
        'Set-Cookie',
        `sp=id-${new URL(request.url!, 'http://x').searchParams.get('i')}; Path=/`,
      );
      response.end();
    });
    const ledger = ledgerIn(directory, target);
    await send(plan(100), { target, speed: 'max', concurrency: 4, ledger });
    ledger.close();
    expect(unannounced).toBe(0);
    const intents = await collect(readIntents(directory));
    const answers = await collect(readAnswers(directory));
    expect(intents.map(({ request }) => request).sort((a, b) => a - b)).toEqual(
      plan(100).map(({ request }) => request),
    );
    expect(new Set(answers.map(({ request }) => request)).size).toBe(100);
    for (const answer of answers) {
      expect(answer).toMatchObject({
        outcome: 'acknowledged',
        status: 200,
        networkUserId: `id-${answer.request}`,
      });
      expect(answer.answered).toBeGreaterThanOrEqual(answer.sent);
    }
  });

  it('puts exactly the planned bytes on the wire', async () => {
    const bodies: Buffer[] = [];
    const target = await raw((received, socket) => {
      if (!received.includes('\r\n\r\n\u0000\u00ff', 'latin1' as BufferEncoding)) return;
      bodies.push(received);
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
    await send(
      plan(1, () => ({
        method: 'POST',
        target: '/i?page=\u00ff|{}"\u00e4',
        headers: [['X-oDd', '\u00fe']],
        body: Buffer.from([0x00, 0xff, 0x0d, 0x0a]),
      })),
      { target },
    );
    expect(bodies[0]!.toString('latin1')).toBe(
      `POST /i?page=\u00ff|{}"\u00e4 HTTP/1.1\r\nHost: ${target.slice(7)}\r\nConnection: keep-alive\r\n` +
        'Content-Length: 4\r\nX-oDd: \u00fe\r\n\r\n\u0000\u00ff\r\n',
    );
  });

  it('lets a browser send its next request only after the answer, in order, with the cookies set', async () => {
    const seen: { browser: string; i: number; cookie: string | undefined }[] = [];
    const underWay = new Set<string>();
    let overtaken = 0;
    const target = await collector((request, response) => {
      const query = new URL(request.url!, 'http://x').searchParams;
      const browser = query.get('b')!;
      if (underWay.has(browser)) overtaken++;
      underWay.add(browser);
      seen.push({ browser, i: Number(query.get('i')), cookie: request.headers.cookie });
      setImmediate(() => {
        underWay.delete(browser);
        response.setHeader('Set-Cookie', `sp=${browser}; Path=/`);
        response.end();
      });
    });
    await send(
      plan(200, (i) => ({ browser: `b${i % 7}`, target: `/i?b=b${i % 7}&i=${i}` })),
      { target, concurrency: 50 },
    );
    expect(overtaken).toBe(0);
    for (const [browser, requests] of Map.groupBy(seen, (entry) => entry.browser)) {
      expect(requests.map(({ i }) => i)).toEqual(requests.map(({ i }) => i).sort((a, b) => a - b));
      expect(requests.map(({ cookie }) => cookie)).toEqual([
        undefined,
        ...requests.slice(1).map(() => `sp=${browser}`),
      ]);
    }
  });

  it('goes on sending while nothing is answered, and measures its own lag at the bound', async () => {
    const waiting: http.ServerResponse[] = [];
    const target = await collector((_request, response) => {
      waiting.push(response);
      if (waiting.length === 20) for (const held of waiting) held.end();
      else if (waiting.length > 20) response.end();
    });
    const result = await send(plan(30), { target, concurrency: 20 });
    expect(result).toMatchObject({ acknowledged: 30, maxInFlight: 20 });
    expect(result.lag.totalCount).toBe(30);
  });

  it('drops what has become too late, without an intent', async () => {
    const directory = ledgerDirectory();
    const target = await collector((_request, response) => void setTimeout(() => response.end(), 60));
    const ledger = ledgerIn(directory, target);
    const result = await send(
      plan(20, () => ({ browser: null })),
      { target, concurrency: 1, dropAfter: 30, ledger },
    );
    ledger.close();
    expect(result.dropped).toBeGreaterThan(0);
    expect(result.dropped + result.sent).toBe(20);
    expect(await collect(readIntents(directory))).toHaveLength(result.sent);
  });

  it('calls it unknown when the answer is lost, and refused when there never was a connection', async () => {
    const outcomes = async (target: string, timeout?: number) => {
      const answers: Answer[] = [];
      const ledger = { intend() {}, flush() {}, answer: (answer: Answer) => void answers.push(answer) };
      await send(plan(2), { target, ledger, ...(timeout !== undefined && { timeout }) });
      return answers.map(({ outcome, status, error }) => [outcome, status, error]);
    };
    const closing = await raw((_received, socket) => socket.end());
    expect(await outcomes(closing)).toEqual(Array(2).fill(['unknown', null, 'closed before the answer']));
    const resetting = await raw((_received, socket) => socket.resetAndDestroy());
    expect(await outcomes(resetting)).toEqual(Array(2).fill(['unknown', null, 'ECONNRESET']));
    const cut = await raw((_received, socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab'),
    );
    expect(await outcomes(cut)).toEqual(Array(2).fill(['unknown', null, 'closed before the answer']));
    const garbage = await raw((_received, socket) => socket.write('garbage\r\n\r\n'));
    expect((await outcomes(garbage)).map(([outcome]) => outcome)).toEqual(['unknown', 'unknown']);
    const silent = await raw(() => {});
    expect(await outcomes(silent, 50)).toEqual(Array(2).fill(['unknown', null, 'time-out']));
    const server = net.createServer();
    const free = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await outcomes(free)).toEqual(Array(2).fill(['refused', null, 'ECONNREFUSED']));
  });

  it('says refused, and nothing sent, where TLS is asked of a server that has none', async () => {
    const target = await raw((_received, socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const result = await send(plan(1), { target: target.replace('http:', 'https:') });
    expect(result).toMatchObject({ refused: 1, unreachable: 1, acknowledged: 0 });
  });

  it('sends once more what got no answer, as a repeat that keeps its place in the browser', async () => {
    const directory = ledgerDirectory();
    const seen: string[] = [];
    const target = await collector((request, response) => {
      seen.push(request.url!);
      if (seen.length === 1) request.socket.destroy();
      else response.end();
    });
    const ledger = ledgerIn(directory, target);
    const result = await send(
      plan(2, (i) => ({ browser: 'b', target: `/i?e=pv&i=${i}` })),
      {
        target,
        ledger,
        resend: { times: 3, after: 1 },
      },
    );
    ledger.close();
    expect(seen).toEqual(['/i?e=pv&i=0', '/i?e=pv&i=0', '/i?e=pv&i=1']);
    expect(result).toMatchObject({ unknown: 1, acknowledged: 2, resent: 1, sent: 3 });
    const intents = await collect(readIntents(directory));
    expect(intents.map(({ request, kind, events }) => [request, kind, events[0]!.repeats])).toEqual([
      [0, 'visitor', undefined],
      [FIRST_RESEND, 'retry', 0],
      [1, 'visitor', undefined],
    ]);
  });

  it('stops when told to: what is under way is answered, the rest is not sent', async () => {
    const controller = new AbortController();
    const held: http.ServerResponse[] = [];
    const target = await collector((_request, response) => {
      held.push(response);
      if (held.length === 5) {
        controller.abort();
        for (const waiting of held) waiting.end();
      }
    });
    function* endless(): Generator<PlannedRequest> {
      for (let i = 0; ; i++) yield plan(1, () => ({ request: i, browser: `b${i % 10}` }))[0]!;
    }
    const result = await send(endless(), {
      target,
      concurrency: 5,
      maxWaiting: 50,
      signal: controller.signal,
    });
    expect(result).toMatchObject({ stopped: true, sent: 5, acknowledged: 5 });
    expect(result.planned).toBe(result.sent + result.abandoned);
  });

  it('sends nothing once the signal is aborted', async () => {
    const result = await send(plan(5), { target: 'http://127.0.0.1:1', signal: AbortSignal.abort() });
    expect(result).toMatchObject({ stopped: true, sent: 0, planned: 0 });
  });

  it('stops with the error of a ledger that cannot be written, and sends no request without its intent', async () => {
    let requests = 0;
    const target = await collector((_request, response) => {
      requests++;
      response.end();
    });
    let intents = 0;
    const full = new Error('disk full');
    const ledger = {
      intend() {
        intents++;
      },
      answer() {},
      flush() {
        if (intents > 10) throw full;
      },
    };
    await expect(send(plan(50), { target, speed: 'max', concurrency: 1, ledger })).rejects.toBe(full);
    expect(requests).toBe(10);
  });

  it('passes on the error of a plan, after the last answer', async () => {
    let answered = 0;
    const target = await collector((_request, response) => response.end(() => answered++));
    async function* broken(): AsyncGenerator<PlannedRequest> {
      yield* plan(3);
      throw new Error('no more');
    }
    await expect(send(broken(), { target })).rejects.toThrow('no more');
    expect(answered).toBe(3);
  });

  it('waits for a request to be due, and for less at a higher speed', async () => {
    const arrived: number[] = [];
    const target = await collector((_request, response) => {
      arrived.push(performance.now());
      response.end();
    });
    const began = performance.now();
    await send(
      plan(2, (i) => ({ due: 1_000 * i })),
      { target, speed: 10 },
    );
    expect(arrived[1]! - began).toBeGreaterThan(95);
  });
});
