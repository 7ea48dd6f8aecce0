import { connect, type Socket } from 'node:net';
import type { Measured } from '../benchmark.ts';
import type { Subject } from '../processes/subject.ts';

export interface LoadTask {
  readonly port: number;
  /** The bytes of a whole request, latin1. */
  readonly request: string;
  readonly connections: number;
  readonly seconds: number;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const OK = Buffer.from('HTTP/1.1 200');

/** A load generator of raw sockets: the same request on each of some keep-alive connections, as fast as the answers come. */
export function loadSubject(): Subject<LoadTask, Measured> {
  return {
    async run({ port, request, connections, seconds }) {
      const bytes = Buffer.from(request, 'latin1');
      const clients = Array.from({ length: connections }, () => new Client(port, bytes));
      try {
        await Promise.all(clients.map((client) => client.connected));
        const began = performance.now();
        for (const client of clients) client.begin();
        await Promise.race([
          new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
          ...clients.map((client) => client.failed),
        ]);
        const count = clients.reduce((sum, client) => sum + client.answers, 0);
        return { count, seconds: (performance.now() - began) / 1000 };
      } finally {
        for (const client of clients) client.end();
      }
    },
  };
}

class Client {
  answers = 0;
  readonly connected: Promise<void>;
  /** Rejects when an answer is wrong or the connection ends; never resolves. */
  readonly failed: Promise<never>;
  readonly #socket: Socket;
  readonly #request: Buffer;
  #received = 0;
  #answerBytes = 0;
  #head: Buffer[] = [];
  #fail!: (error: Error) => void;

  constructor(port: number, request: Buffer) {
    this.#request = request;
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => {});
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.connected = new Promise((resolve, reject) => {
      this.#socket.once('connect', resolve);
      this.#socket.once('error', reject);
    });
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the server closed a connection')));
    this.#socket.on('data', (chunk) => {
      try {
        this.#take(chunk);
      } catch (error) {
        this.#fail(error as Error);
      }
    });
  }

  begin(): void {
    this.#socket.write(this.#request);
  }

  end(): void {
    this.#socket.destroy();
  }

  /** All answers are of the same length: the first one tells it, and a longer or shorter one is an error. */
  #take(chunk: Buffer): void {
    this.#received += chunk.length;
    if (this.#answerBytes === 0) {
      this.#head.push(chunk);
      this.#answerBytes = answerBytes(Buffer.concat(this.#head));
      if (this.#answerBytes === 0) return;
    } else if (this.#received === chunk.length && chunk.compare(OK, 0, OK.length, 0, OK.length) !== 0) {
      throw new Error(`the server answered ${chunk.toString('latin1', 0, 40)}`);
    }
    if (this.#received < this.#answerBytes) return;
    if (this.#received > this.#answerBytes) throw new Error('the server’s answers differ in length');
    this.#received = 0;
    this.answers++;
    this.#socket.write(this.#request);
  }
}

/** How long an answer is, head and body; 0 while its head is not whole. */
function answerBytes(received: Buffer): number {
  const end = received.indexOf(HEAD_END);
  if (end < 0) return 0;
  const head = received.toString('latin1', 0, end);
  const body = /\r\ncontent-length: *(\d+)/i.exec(head);
  if (!head.startsWith('HTTP/1.1 200') || !body) throw new Error(`the server answered ${head.slice(0, 60)}`);
  return end + HEAD_END.length + Number(body[1]);
}
