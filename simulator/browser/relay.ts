import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Answer } from '../ledger/records.ts';
import type { Header, PlannedRequest } from '../plan/request.ts';
import { type IntentLedger, networkUserIdOf, unixTime } from '../transport/index.ts';
import { listen } from './listen.ts';

/** Requests of real browsers are numbered from here: beside the plan's, and beside what the transport sends once more. */
export const FIRST_OF_BROWSERS = 2 ** 41;

export interface RelayOptions {
  /** Origin of the collector. */
  readonly target: string;
  readonly ledger: IntentLedger | undefined;
  /** Unix time, ms, of `due` 0. */
  readonly began: number;
  /** How long the collector's answer may take, ms. */
  readonly timeout: number;
  /** Told of each request when it goes out, and of what came of it. */
  readonly onSent: (plan: PlannedRequest) => void;
  readonly onAnswer: (answer: Answer) => void;
  /** The ledger cannot be written: nothing more is sent. */
  readonly onFatal: (error: unknown) => void;
}

export interface Relay {
  /** What the tracker takes for the collector. */
  readonly origin: string;
  /** Requests under way. */
  readonly underWay: number;
  /** Waits for what is under way, and closes. */
  close(): Promise<void>;
}

/** More than any collector takes; beyond it a request is answered 413 and goes no further. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Between two connections each has its own. */
const OF_THE_CONNECTION = new Set(['host', 'connection', 'keep-alive', 'transfer-encoding']);

/**
 * Stands between real browsers and the collector. Each request is written to the ledger as it is (target, headers in their order,
 * cookies, body) and flushed, then handed on unchanged; what was answered is written after, and handed back. Preflights
 * are requests like others.
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const pending = new Set<Promise<void>>();
  let count = 0;
  let broken = false;
  const server = createServer({ maxHeaderSize: 128 * 1024 }, (request, response) => {
    const work = relay(request, response).finally(() => pending.delete(work));
    pending.add(work);
  });

  async function relay(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await read(request);
      if (broken) return refuse(response, 503);
      if (body === undefined) return refuse(response, 413);
      const plan = planOf(request, body, FIRST_OF_BROWSERS + count++, Date.now() - options.began);
      try {
        options.ledger?.intend(plan, plan.due);
        options.ledger?.flush();
      } catch (error) {
        broken = true;
        options.onFatal(error);
        return refuse(response, 503);
      }
      options.onSent(plan);
      const answer = await forward(plan, options, response);
      options.ledger?.answer(answer);
      options.onAnswer(answer);
    } catch {
      // The browser went away before its request was whole: nothing has been sent.
      response.destroy();
    }
  }

  const { origin, close } = await listen(server);
  return {
    origin,
    get underWay() {
      return pending.size;
    },
    async close() {
      while (pending.size > 0) await Promise.all(pending);
      await close();
    },
  };
}

/** The body; undefined where it is too large. */
async function read(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MOST_BYTES) chunks.push(chunk);
  }
  return size > MOST_BYTES ? undefined : Buffer.concat(chunks);
}

function planOf(request: IncomingMessage, body: Buffer, number: number, due: number): PlannedRequest {
  const headers: Header[] = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i]!;
    if (!OF_THE_CONNECTION.has(name.toLowerCase())) headers.push([name, request.rawHeaders[i + 1]!]);
  }
  const method = request.method ?? 'GET';
  return {
    request: number,
    due,
    kind: 'browser',
    // Its cookies are its own.
    browser: null,
    method,
    target: request.url ?? '/',
    headers,
    body: body.length > 0 || method === 'POST' ? body : null,
    expect: 'processed',
    events: eventsIn(method, body),
  };
}

/** Events as the tracker counts them: what the pipeline makes of them is the oracle's to say. */
function eventsIn(method: string, body: Buffer): number {
  if (method !== 'POST') return method === 'GET' ? 1 : 0;
  try {
    const { data } = JSON.parse(body.toString()) as { data?: unknown };
    return Array.isArray(data) ? data.length : 0;
  } catch {
    return 0;
  }
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status).end();
}

async function forward(
  plan: PlannedRequest,
  { target, timeout }: RelayOptions,
  response: ServerResponse,
): Promise<Answer> {
  const sent = performance.now();
  const url = new URL(target);
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const { promise, resolve } = Promise.withResolvers<IncomingMessage | Error>();
  let connected = false;
  // A connection of its own for each: one that the collector is about to close would leave the request's fate unknown.
  const outgoing = send(url, {
    agent: false,
    method: plan.method,
    path: plan.target,
    headers: [...plan.headers.flat(), 'Host', url.host],
    timeout,
  });
  outgoing.on('socket', (socket) => socket.once('connect', () => (connected = true)));
  outgoing.on('response', resolve);
  outgoing.on('error', resolve);
  outgoing.on('timeout', () => outgoing.destroy(new Error('time-out')));
  outgoing.end(plan.body ?? undefined);
  const result = await promise;
  const times = () => ({
    request: plan.request,
    sent: unixTime(sent),
    answered: unixTime(performance.now()),
  });
  if (result instanceof Error) {
    refuse(response, 502);
    return { ...times(), status: null, outcome: connected ? 'unknown' : 'refused', error: result.message };
  }
  const status = result.statusCode ?? 0;
  const answer = times();
  const headers = result.rawHeaders.filter(
    (_, i) => !OF_THE_CONNECTION.has(result.rawHeaders[i - (i % 2)]!.toLowerCase()),
  );
  const content = await read(result).catch(() => undefined);
  if (!response.destroyed) response.writeHead(status, headers).end(content);
  const networkUserId = networkUserIdOf(result.headers['set-cookie'] ?? [], answer.answered);
  const outcome = status < 400 ? ('acknowledged' as const) : ('refused' as const);
  return { ...answer, status, outcome, ...(networkUserId !== undefined && { networkUserId }) };
}
