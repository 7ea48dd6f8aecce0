import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, connect, createServer } from 'node:net';
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
  const length = 1_000;
  let connections = 0;
  // Answers with the correlation id and zeros. The first answer breaks off.
  const server = createServer((socket) => {
    const first = ++connections === 1;
    socket.on('data', (request) => {
      const answer = Buffer.alloc(4 + length);
      answer.writeInt32BE(length);
      answer.writeInt32BE(request.readInt32BE(8), 4);
      if (first) socket.end(answer.subarray(0, length / 2));
      else socket.write(answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const logger = { namespace: () => logger, debug() {}, info() {}, warn() {}, error() {} };
  const connection: Connection = new ConnectionClass({
    ...{ host: '127.0.0.1', port, logger, connectionTimeout: 1_000, requestTimeout: 500 },
    socketFactory: (to: { host: string; port: number; onConnect: () => void }) => connect(to, to.onConnect),
  });
  onTestFinished(async () => {
    await connection.disconnect();
    server.close();
  });
  const { request } = fetchRequest([], { maxWaitMs: 1, maxBytes: 1 });
  const ask = async () => {
    await connection.connect();
    return connection.send({
      request,
      response: { decode: async (raw) => raw, parse: async (answer: Buffer) => answer.length },
    });
  };
  await expect(ask()).rejects.toThrow('Closed connection');
  await expect(ask()).resolves.toBe(length - 4);
  await expect(ask()).resolves.toBe(length - 4);
});

interface Connection {
  connect(): Promise<boolean>;
  disconnect(): Promise<boolean>;
  send<Answer>(request: ProtocolRequest<Answer>): Promise<Answer>;
}
