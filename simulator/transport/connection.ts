import net from 'node:net';
import tls from 'node:tls';
import { ResponseParser } from './response-parser.ts';
import type { WireRequest } from './wire.ts';

/** Where requests go. */
export interface Endpoint {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
  /** The `Host` header. */
  readonly host: string;
}

/** What came of one request on a connection. */
export type Exchange =
  | { readonly status: number; readonly setCookies: readonly string[] }
  /** `sent` false: no byte of it has left, as there never was a connection. */
  | { readonly error: string; readonly sent: boolean };

/** One connection of the pool, with at most one request under way. */
export class Connection {
  readonly #socket: net.Socket;
  readonly #parser = new ResponseParser();
  readonly #onClose: (connection: Connection) => void;
  #connected = false;
  #closed = false;
  #error: string | undefined;
  #finish: ((exchange: Exchange) => void) | undefined;

  constructor(endpoint: Endpoint, onClose: (connection: Connection) => void) {
    this.#onClose = onClose;
    const { hostname, port } = endpoint;
    this.#socket = endpoint.secure
      ? tls.connect({
          host: hostname,
          port,
          servername: net.isIP(hostname) ? '' : hostname,
          ALPNProtocols: ['http/1.1'],
        })
      : net.connect({ host: hostname, port });
    this.#socket.setNoDelay(true);
    this.#socket.once(endpoint.secure ? 'secureConnect' : 'connect', () => {
      this.#connected = true;
    });
    this.#socket.on('data', (chunk) => this.#received(chunk));
    this.#socket.on('end', () => this.#ended());
    this.#socket.on('error', (error) => {
      this.#error ??= 'code' in error && typeof error.code === 'string' ? error.code : error.message;
    });
    this.#socket.on('close', () => this.#hasClosed());
  }

  /** Whether the next request may be sent over it. */
  get usable(): boolean {
    return !this.#closed && this.#finish === undefined && this.#socket.writable;
  }

  /** Sends one request; `finish` is called once, with its answer or with why there is none. */
  exchange(method: string, request: WireRequest, finish: (exchange: Exchange) => void): void {
    this.#finish = finish;
    this.#parser.begin(method);
    if (request.body === null) this.#socket.write(request.head, 'latin1');
    else this.#socket.write(Buffer.concat([Buffer.from(request.head, 'latin1'), request.body]));
  }

  /** Gives up on the request under way, if any, and closes. */
  destroy(reason?: string): void {
    this.#error ??= reason;
    this.#socket.destroy();
  }

  #received(chunk: Buffer): void {
    // Nobody asked: an answer to nothing (a 408 before closing) must not be taken for the next one's.
    if (this.#finish === undefined) {
      this.destroy('unexpected answer');
      return;
    }
    try {
      if (this.#parser.push(chunk)) this.#complete();
    } catch (error) {
      this.destroy(error instanceof Error ? error.message : String(error));
    }
  }

  #ended(): void {
    if (this.#finish !== undefined && this.#parser.end()) this.#complete();
    else this.destroy('closed before the answer');
  }

  #complete(): void {
    const finish = this.#finish!;
    this.#finish = undefined;
    const { status, setCookies, reusable } = this.#parser;
    if (!reusable) this.#socket.destroy();
    finish({ status, setCookies });
  }

  #hasClosed(): void {
    if (this.#closed) return;
    this.#closed = true;
    const finish = this.#finish;
    this.#finish = undefined;
    this.#onClose(this);
    finish?.({ error: this.#error ?? 'closed before the answer', sent: this.#connected });
  }
}
