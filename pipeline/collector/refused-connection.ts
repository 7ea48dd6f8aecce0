import type { Socket } from 'node:net';
import { refusal } from './answers.ts';
import { addressOf, afterAnswers, type Connection, connectionOf, endGently, inTurn } from './connection.ts';
import type { LineWaiter } from './line-queue.ts';
import { newRequestId } from './request-ids.ts';
import type { Shared } from './shared.ts';

/** What Node's parser says of bytes that are no request. */
export interface ParserError extends Error {
  code?: string;
  /** The bytes that it was reading. */
  rawPacket?: Buffer;
  bytesParsed?: number;
}

/**
 * Answers bytes that never became a request, or a body that broke off: the line is written as Nginx writes it (most fields
 * empty), then the answer leaves, after those to the requests before.
 */
export function refuseBytes(shared: Shared, error: ParserError, socket: Socket): void {
  const connection = connectionOf(socket);
  const status = statusOf(error);
  if (connection.body?.incomplete) {
    connection.body.refuse(status ?? 400);
  } else if (status === undefined || (status === 408 && socket.bytesRead === 0)) {
    // A connection that breaks, or on which nothing was ever asked.
    socket.destroy();
  } else {
    refuseConnection(shared, socket, connection, status);
  }
}

/** Refuses what Node hands over as a bare connection (CONNECT, or bytes that are no HTTP). */
export function refuseConnection(
  shared: Shared,
  socket: Socket,
  connection: Connection,
  status: number,
): void {
  inTurn(connection, () => refuse(shared, socket, connection, status));
}

function refuse(shared: Shared, socket: Socket, connection: Connection, status: number): void {
  connection.refused = true;
  const { time, lines, writer, counters } = shared;
  const answer = refusal(status);
  const line = lines.line({
    remoteAddr: addressOf(socket),
    msec: time.msec(),
    host: '',
    time: time.iso(),
    status,
    size: answer.body.length,
    query: '',
    body: '',
    uri: '',
    method: '',
    headers: {},
    requestId: newRequestId(),
    networkUserId: '',
    anonymous: false,
    duid: '',
  });
  const send = (sent: typeof answer) =>
    afterAnswers(connection, () => {
      counters.answered(sent.status);
      endGently(socket, rawAnswer(sent.status, sent.headers, sent.body));
    });
  const waiter: LineWaiter = {
    lineWritten() {
      counters.lines++;
      send(answer);
    },
    lineLost() {
      counters.unlogged++;
      send(refusal(503));
    },
  };
  if (!writer.append(line, waiter)) waiter.lineLost();
}

function rawAnswer(status: number, headers: readonly string[], body: string): string {
  let head = `HTTP/1.1 ${status} ${body.slice(4)}\r\nConnection: close\r\n`;
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return `${head}\r\n${body}`;
}

/** Undefined where the connection is gone and there is nobody to answer. */
function statusOf(error: ParserError): number | undefined {
  switch (error.code) {
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ECONNABORTED':
    case 'ETIMEDOUT':
      return undefined;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408;
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 413;
    case 'HPE_HEADER_OVERFLOW':
      return overflowStatus(error.rawPacket ?? Buffer.alloc(0), error.bytesParsed ?? 0);
    default:
      return 400;
  }
}

/**
 * Whether the URI or the headers were too large. Only the last packet is there to tell: the line in which the limit was hit is the
 * request line if it ends as one, and taken for one if no end is in sight.
 */
function overflowStatus(packet: Buffer, parsed: number): 414 | 431 {
  if (packet.subarray(0, parsed).includes('\n')) return 431;
  const end = packet.indexOf('\n', parsed);
  if (end === -1) return 414;
  return / HTTP\/\d\.\d\r?$/.test(packet.toString('latin1', Math.max(0, end - 12), end)) ? 414 : 431;
}
