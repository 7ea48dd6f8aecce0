import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { CLEAN, outcome, runScenario, simulated } from '../scenarios/correctness/embedded.ts';
import type { Answer } from '../simulator/ledger/index.ts';
import type { PlannedRequest } from '../simulator/plan/index.ts';
import { planTraffic, trafficSettings } from '../simulator/plan/index.ts';
import type { SendOptions } from '../simulator/transport/index.ts';
import { sendWithK6 } from './send-with-k6.ts';
import { k6ForTests } from './testing/k6.ts';

const { k6, why } = await k6ForTests();
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A ledger in memory. */
class Book implements NonNullable<SendOptions['ledger']> {
  readonly intents = new Map<number, PlannedRequest>();
  readonly answers = new Map<number, Answer>();
  flushed = 0;

  intend(plan: PlannedRequest): void {
    this.intents.set(plan.request, plan);
  }

  answer(answer: Answer): void {
    this.answers.set(answer.request, answer);
  }

  flush(): void {
    this.flushed = this.intents.size;
  }
}

const DURATION = 2_000;
const plan = (rate = '100/s') =>
  planTraffic(trafficSettings.parse({ rate, duration: `${DURATION}ms`, faulty: '20%', seed: 5 }));
const byK6 = (users: number) => sendWithK6({ k6, scenario: 'smoke', users, duration: DURATION, seed: 5 });

describe.skipIf(why !== '')(`k6 sends the simulator's traffic${why}`, () => {
  test('through the whole pipeline, and every event is accounted for', async () => {
    const traffic = simulated({ rate: '150/s', duration: '4s', faulty: '20%', seed: 4 });
    const send = sendWithK6({ k6, scenario: 'smoke', users: 100, duration: 4_000, seed: 4 });
    const result = await runScenario({ ...traffic, send });
    expect(outcome(result)).toEqual(CLEAN);
    const { requests, answers } = result.traffic;
    expect(requests).toBeGreaterThan(300);
    expect(answers).toMatchObject({ unknown: 0, unreachable: 0 });
    expect(answers.acknowledged + answers.refused).toBe(requests);
  });

  test('as it is planned, byte for byte, with every intent on the disk before', async () => {
    const book = new Book();
    const seen: string[] = [];
    const early: number[] = [];
    const target = await serve(async (request, response) => {
      early.push(book.flushed);
      let body = '';
      for await (const chunk of request.setEncoding('latin1')) body += chunk;
      const { 'user-agent': agent, cookie, 'content-type': type } = request.headers;
      seen.push(JSON.stringify([request.method, request.url, agent, cookie, type, body]));
      response.end();
    });
    const result = await byK6(100)(plan(), { target, ledger: book });
    // On a busy machine k6 may leave some out.
    const sent = [...book.intents].filter(([id]) => !book.answers.get(id)?.error?.startsWith('not sent'));
    expect(result).toMatchObject({ sent: sent.length, acknowledged: sent.length });
    expect(sent.length).toBeGreaterThan(100);
    expect(new Set(early)).toEqual(new Set([book.intents.size]));
    const planned = sent.map(([, { method, target: path, headers, body }]) => {
      const header = (name: string) => headers.find(([known]) => known.toLowerCase() === name)?.[1];
      const bytes = typeof body === 'string' ? Buffer.from(body) : (body ?? Buffer.alloc(0));
      const stated = ['user-agent', 'cookie', 'content-type'].map(header);
      return JSON.stringify([method, path, ...stated, bytes.toString('latin1')]);
    });
    expect(seen.sort()).toEqual(planned.sort());
  });

  test('what it dropped was never sent, and the ledger says so of each', async () => {
    let seen = 0;
    const target = await serve((_request, response) => {
      seen += 1;
      setTimeout(() => response.end(), 100);
    });
    const book = new Book();
    const result = await byK6(2)(plan('200/s'), { target, ledger: book });
    expect(result.dropped).toBeGreaterThan(0);
    expect(result.sent).toBe(seen);
    expect(result.sent + result.dropped).toBe(book.intents.size);
    expect(book.answers.size).toBe(book.intents.size);
    const unsent = [...book.answers.values()].filter(({ error }) => error?.startsWith('not sent'));
    expect(unsent).toHaveLength(result.dropped);
    expect(new Set(unsent.map((answer) => answer.outcome))).toEqual(new Set(['refused']));
  });

  test('nobody knows of a request whose connection was lost, and nobody was there is another thing', async () => {
    const target = await serve((request) => request.socket.destroy());
    const lost = new Book();
    const result = await byK6(100)(plan(), { target, ledger: lost });
    // Of a request that may be repeated Go tries once more on a used connection; here there is none.
    expect(result).toMatchObject({ unknown: lost.intents.size - result.dropped, unreachable: 0 });
    expect(result.unknown).toBeGreaterThan(0);
    expect(new Set([...lost.answers.values()].map((answer) => answer.status))).toEqual(new Set([null]));
    const nobody = new Book();
    const second = await byK6(100)(plan(), { target: 'http://127.0.0.1:9', ledger: nobody });
    expect(second).toMatchObject({ unreachable: nobody.intents.size - second.dropped, unknown: 0 });
    expect(second.unreachable).toBeGreaterThan(0);
  });

  test('stopped, it sends nothing more; what may have been sent stays open', async () => {
    const stop = new AbortController();
    let seen = 0;
    const target = await serve((_request, response) => {
      if (++seen === 20) stop.abort();
      response.end();
    });
    const book = new Book();
    const result = await byK6(5)(plan(), { target, ledger: book, signal: stop.signal });
    expect(result.stopped).toBe(true);
    expect(result.abandoned).toBeGreaterThan(0);
    expect(result.sent + result.abandoned).toBe(book.intents.size);
    // Nobody knows of those that k6 tells nothing of, nor of those that it was about when it was stopped and calls lost.
    const open = [...book.intents.keys()].filter((request) => {
      const { outcome = 'unknown' } = book.answers.get(request) ?? {};
      return outcome === 'unknown';
    });
    expect(open).toHaveLength(result.unknown);
    expect(seen).toBeLessThanOrEqual(result.sent);
  });

  test('a ledger that cannot be written ends the run, before anything is sent', async () => {
    let seen = 0;
    const target = await serve((_request, response) => {
      seen += 1;
      response.end();
    });
    const book = new Book();
    book.flush = () => {
      throw new Error('full');
    };
    await expect(byK6(5)(plan(), { target, ledger: book })).rejects.toThrow('full');
    expect(seen).toBe(0);
  });
});
