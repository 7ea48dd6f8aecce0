import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, connect, createServer, Socket } from 'node:net';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import type { ProtocolRequest } from './kafkajs.ts';
import { fetchRequest } from './wire/fetch.ts';

/** As `kafkajs.ts`, which the import of a request loads, has mended it. */
const ConnectionClass = createRequire(import.meta.url)('kafkajs/src/network/connection') as new (
  options: object,
) => Connection;

it.each([
  ['../index.ts', false],
  ['./index.ts', true],
])('is loaded only by whoever wants Kafka: %s', async (module, loaded) => {
  const script = `
    await import(${JSON.stringify(new URL(module, import.meta.url).href)});
    const { createRequire } = await import('node:module');
    const paths = Object.keys(createRequire(${JSON.stringify(import.meta.url)}).cache);
    console.log(paths.some((path) => path.includes('kafkajs')));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  expect(stdout.trim()).toBe(String(loaded));
});

it('encodes a fetch of committed records', async () => {
  const { request } = fetchRequest([{ topic: 'tö', partition: 3, offset: 2 ** 40, maxBytes: 7 }], {
    maxWaitMs: 250,
    maxBytes: 8,
  });
  expect([request.apiKey, request.apiVersion]).toEqual([1, 11]);
  const { buffer } = await request.encode();
  const expected = [
    'ffffffff', // replica
    '000000fa', // longest wait
    '00000001', // least bytes
    '00000008', // most bytes
    '01', // read committed
    '00000000', // no session
    'ffffffff',
    '00000001', // topics
    '000374c3b6',
    '00000001', // partitions
    '00000003',
    'ffffffff', // leader epoch
    '0000010000000000', // offset
    'ffffffffffffffff', // log start
    '00000007', // most bytes
    '00000000', // forgotten topics
    '0000', // rack
  ];
  expect(buffer.toString('hex')).toBe(expected.join(''));
});

it('understands the answers of a connection that was made again after one broke off in the middle of an answer', async () => {
  const server = await FakeBroker.listen();
  const connection = connectionTo(server);
  server.answer = (socket, answer) => socket.end(answer.subarray(0, answer.length / 2));
  await expect(ask(connection)).rejects.toThrow('Closed connection');
  server.answer = (socket, answer) => socket.write(answer);
  await expect(ask(connection)).resolves.toBe(ANSWER_BYTES);
  await expect(ask(connection)).resolves.toBe(ANSWER_BYTES);
});

it('a socket that the broker closes late does not end the connection that was made after it', async () => {
  const server = await FakeBroker.listen();
  const connection = connectionTo(server);
  await connection.connect();
  const [old] = await server.connected(1);
  const gone = once(old!, 'close');
  await connection.disconnect();
  const asked = Promise.withResolvers<() => void>();
  server.answer = (socket, answer) => asked.resolve(() => socket.write(answer));
  const asking = ask(connection);
  const answer = await asked.promise;
  old!.end();
  await gone;
  answer();
  await expect(asking).resolves.toBe(ANSWER_BYTES);
});

it('a socket that could not be made in time does not fail the connection that was made after it', async () => {
  const server = await FakeBroker.listen();
  const silent = new Socket();
  const sockets = [silent];
  const connection = connectionTo(server, { connectionTimeout: 50, instead: () => sockets.shift() });
  await expect(connection.connect()).rejects.toThrow('Connection timeout');
  const asked = Promise.withResolvers<() => void>();
  server.answer = (socket, answer) => asked.resolve(() => socket.write(answer));
  const asking = ask(connection);
  const answer = await asked.promise;
  silent.emit('error', Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT' }));
  answer();
  await expect(asking).resolves.toBe(ANSWER_BYTES);
  expect(silent.destroyed).toBe(true);
});

it('lets go once of a connection on which many answers have not come in time, and can be asked again', async () => {
  const server = await FakeBroker.listen();
  const connection = connectionTo(server);
  const warnings: string[] = [];
  const warned = ({ name }: Error) => void warnings.push(name);
  process.on('warning', warned);
  onTestFinished(() => void process.off('warning', warned));
  server.answer = () => {};
  const asked = await Promise.allSettled(Array.from({ length: 20 }, () => ask(connection)));
  expect(new Set(asked.map(({ status }) => status))).toEqual(new Set(['rejected']));
  server.answer = (socket, answer) => socket.write(answer);
  await expect(ask(connection)).resolves.toBe(ANSWER_BYTES);
  expect(server.sockets.length).toBe(2);
  expect(warnings).toEqual([]);
});

it('makes one socket for all who connect at the same time', async () => {
  const server = await FakeBroker.listen();
  const connection = connectionTo(server);
  expect(await Promise.all([connection.connect(), connection.connect()])).toEqual([true, true]);
  await ask(connection);
  expect(server.sockets.length).toBe(1);
});

const ANSWER_BYTES = 1_000;

/** Asks for anything; how long the answer was. */
async function ask(connection: Connection): Promise<number> {
  const { request } = fetchRequest([], { maxWaitMs: 1, maxBytes: 1 });
  await connection.connect();
  return connection.send({
    request,
    response: { decode: async (raw) => raw, parse: async (answer: Buffer) => answer.length },
  });
}

function connectionTo(
  { port }: FakeBroker,
  { connectionTimeout = 1_000, instead = (): Socket | undefined => undefined } = {},
): Connection {
  const logger = { namespace: () => logger, debug() {}, info() {}, warn() {}, error() {} };
  const connection = new ConnectionClass({
    ...{ host: '127.0.0.1', port, logger, connectionTimeout, requestTimeout: 500 },
    socketFactory: (to: { host: string; port: number; onConnect: () => void }) =>
      instead() ?? connect(to, to.onConnect),
  });
  onTestFinished(async () => {
    await connection.disconnect();
  });
  return connection;
}

/** A server that answers each request with its correlation id and zeros. */
class FakeBroker {
  answer = (socket: Socket, answer: Buffer): unknown => socket.write(answer);
  readonly sockets: Socket[] = [];
  readonly #server = createServer({ allowHalfOpen: true }, (socket) => {
    this.sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (request) => {
      const answer = Buffer.alloc(4 + 4 + ANSWER_BYTES);
      answer.writeInt32BE(4 + ANSWER_BYTES);
      answer.writeInt32BE(request.readInt32BE(8), 4);
      this.answer(socket, answer);
    });
  });

  static async listen(): Promise<FakeBroker> {
    const broker = new FakeBroker();
    broker.#server.listen(0, '127.0.0.1');
    await once(broker.#server, 'listening');
    onTestFinished(() => {
      broker.#server.close();
      for (const socket of broker.sockets) socket.destroy();
    });
    return broker;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async connected(count: number): Promise<readonly Socket[]> {
    while (this.sockets.length < count) await once(this.#server, 'connection');
    return this.sockets;
  }
}

interface Connection {
  connect(): Promise<boolean>;
  disconnect(): Promise<boolean>;
  send<Answer>(request: ProtocolRequest<Answer>): Promise<Answer>;
}
