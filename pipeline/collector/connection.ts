import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { BodyReader } from './body.ts';

const STATE = Symbol('collector connection');
/** How long what a refused client still sends is read and thrown away, ms; as Nginx's lingering_timeout. */
const LINGER_MS = 5_000;

/** What is known of a connection beside what Node knows. */
export interface Connection {
  /** The answer to the newest request. Answers leave in the order of the requests. */
  newest: ServerResponse | undefined;
  /** The body that is being received, or was last. */
  body: BodyReader | undefined;
  /** What came behind a body that is still being received: lines are in the order of the requests. */
  waiting: (() => void)[];
  /** No more requests are taken from it. */
  refused: boolean;
}

export function connectionOf(socket: Socket): Connection {
  const holder = socket as Socket & { [STATE]?: Connection };
  holder[STATE] ??= { newest: undefined, body: undefined, waiting: [], refused: false };
  return holder[STATE];
}

/**
 * The client's address. A peer that has gone has none any more; IPv4 within IPv6 is written as IPv4, since that is what the
 * client used.
 */
export function addressOf(socket: Socket): string {
  const address = socket.remoteAddress ?? '';
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** Does something in its turn: at once, or when the body before it has been received. */
export function inTurn(connection: Connection, work: () => void): void {
  connection.waiting.push(work);
  takeTurns(connection);
}

/** Does what waits for a body that has now been received. */
export function takeTurns(connection: Connection): void {
  const { waiting } = connection;
  while (waiting.length > 0 && (connection.body?.ended ?? true)) {
    const work = waiting.shift()!;
    if (!connection.refused) work();
  }
}

/** Does something once the answers to all requests before have left. */
export function afterAnswers(connection: Connection, then: () => void): void {
  const { newest } = connection;
  if (newest === undefined || newest.writableFinished || newest.destroyed) then();
  else newest.once('close', then);
}

/**
 * Makes a connection end gently: what the client is still sending is read and thrown away for a while. Closed at once, with
 * bytes unread, it would be reset, and the client would never see why it was refused.
 */
export function linger(socket: Socket): void {
  socket.destroySoon = () => endGently(socket);
}

/** Sends the last bytes, then closes as described at `linger`. */
export function endGently(socket: Socket, last?: string): void {
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.once('end', () => socket.destroy());
  socket.end(last ?? '', 'latin1');
  socket.resume();
}
