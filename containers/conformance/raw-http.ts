import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConformanceRequest } from './request.ts';

export interface RawAnswer {
  readonly status: number;
  /** By lower-case name; repeated ones joined. */
  readonly headers: Readonly<Record<string, string>>;
  /** latin1 */
  readonly body: string;
}

const TIMEOUT_MS = 20_000;
/** So that pieces are read apart. */
const BETWEEN_PIECES_MS = 20;
/** What is on its way when a connection is reset is lost: first it is to come through the engine's port forwarding. */
const BEFORE_RESET_MS = 500;

/** Sends a request over a connection of its own and gives the answers, in order, when the other side has closed it. */
export async function sendRequest(port: number, { pieces, end }: ConformanceRequest): Promise<RawAnswer[]> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  let received = '';
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`no end after: ${received.slice(0, 200)}`)));
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  socket.on('end', () => socket.end());
  socket.on('error', (error: NodeJS.ErrnoException) => {
    // What a refused client still sends can meet a closed connection: its answer has come by then.
    if ((error.code === 'EPIPE' || error.code === 'ECONNRESET') && received !== '') resolve(received);
    else reject(error);
  });
  socket.on('close', () => resolve(received));
  for (const [i, piece] of pieces.entries()) {
    if (i > 0) await sleep(BETWEEN_PIECES_MS);
    if (!socket.destroyed) socket.write(piece);
  }
  if (end === 'ends') socket.end();
  if (end === 'aborts') {
    await sleep(BEFORE_RESET_MS);
    socket.resetAndDestroy();
  }
  return parseAnswers(await promise);
}

function parseAnswers(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = text; rest !== ''; ) {
    const end = rest.indexOf('\r\n\r\n');
    // HTTP/0.9 and the like: a body alone.
    if (end === -1 || !rest.startsWith('HTTP/1.'))
      return [...answers, { status: 0, headers: {}, body: rest }];
    const [first, ...lines] = rest.slice(0, end).split('\r\n');
    const status = Number(first!.split(' ')[1]);
    const headers: Record<string, string> = {};
    for (const line of lines) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
    }
    rest = rest.slice(end + 4);
    if (status === 100) continue;
    const length = Number(headers['content-length'] ?? 0);
    // An answer to HEAD says how long its body would have been.
    const body = rest.startsWith('HTTP/1.1 ') ? '' : rest.slice(0, length);
    rest = rest.slice(body.length);
    answers.push({ status, headers, body });
  }
  return answers;
}
