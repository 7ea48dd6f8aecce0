import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Where a request is stopped: before the broker gets it, or after, so that only its answer is lost. */
export interface Cut {
  readonly apiKey: number;
  readonly where: 'before' | 'after';
}

/** Passes connections on to a broker, and breaks the one on which a certain request comes along. */
export class KafkaProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #passed = new Map<number, number>();
  #cut: Cut | undefined;
  #told: (() => void) | undefined;

  private constructor(target: number) {
    this.#server = createServer((client) => this.#pass(client, connect(target, '127.0.0.1')));
  }

  static async listen({ listen, target }: { listen: number; target: number }): Promise<KafkaProxy> {
    const proxy = new KafkaProxy(target);
    proxy.#server.listen(listen, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** Breaks the connection of the next such request. Resolves when that has happened. */
  cut(cut: Cut): Promise<void> {
    this.#cut = cut;
    return new Promise((resolve) => {
      this.#told = resolve;
    });
  }

  /** How many requests of a kind have come along. */
  passed(apiKey: number): number {
    return this.#passed.get(apiKey) ?? 0;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #pass(client: Socket, broker: Socket): void {
    const end = () => {
      client.destroy();
      broker.destroy();
    };
    for (const socket of [client, broker]) {
      this.#sockets.add(socket);
      socket.on('error', end).on('close', () => {
        this.#sockets.delete(socket);
        end();
      });
    }
    let rest: Buffer = Buffer.alloc(0);
    let muted = false;
    client.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 6 && rest.length >= 4 + rest.readInt32BE(0)) {
        const frame = rest.subarray(0, 4 + rest.readInt32BE(0));
        rest = rest.subarray(frame.length);
        const apiKey = frame.readInt16BE(4);
        this.#passed.set(apiKey, this.passed(apiKey) + 1);
        if (apiKey === this.#cut?.apiKey) {
          const { where } = this.#cut;
          this.#cut = undefined;
          muted = true;
          if (where === 'before') end();
          else broker.write(frame);
          // The answer says that the broker is done; it goes no further.
          broker.once('data', end);
          this.#told?.();
          return;
        }
        broker.write(frame);
      }
    });
    broker.on('data', (chunk: Buffer) => {
      if (!muted) client.write(chunk);
    });
  }
}
