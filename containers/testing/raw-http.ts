import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** By lower-case name; repeated ones joined. */
  readonly headers: Readonly<Record<string, string>>;
  /** latin1 */
  readonly body: string;
}

const TIMEOUT_MS = 20_000;

/** Sends bytes over a connection of their own and gives the answers, in order, when the other side has closed it. */
export async function sendBytes(port: number, bytes: Buffer): Promise<RawAnswer[]> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ port, host: '127.0.0.1' });
  let received = '';
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`no end after: ${received.slice(0, 200)}`)));
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  socket.on('error', reject);
  socket.on('close', () => resolve(received));
  socket.write(bytes);
  return parseAnswers(await promise);
}

function parseAnswers(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = text; rest !== ''; ) {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) throw new Error(`a torn answer: ${rest.slice(0, 200)}`);
    const [first, ...lines] = rest.slice(0, end).split('\r\n');
    const status = Number(first!.split(' ')[1]);
    const headers: Record<string, string> = {};
    for (const line of lines) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
    }
    const length = Number(headers['content-length'] ?? 0);
    rest = rest.slice(end + 4);
    if (status === 100) continue;
    // An answer to HEAD says how long its body would have been.
    const body = rest.startsWith('HTTP/1.1 ') ? '' : rest.slice(0, length);
    rest = rest.slice(body.length);
    answers.push({ status, headers, body });
  }
  return answers;
}

/** A request with `Connection: close`, so that the end of its answer is seen. Text is latin1. */
export function requestBytes(
  method: string,
  target: string,
  options: {
    headers?: readonly string[];
    body?: string | Buffer;
    version?: string;
    chunks?: readonly string[];
  } = {},
): Buffer {
  const { headers = [], body, version = '1.1', chunks } = options;
  const content = typeof body === 'string' ? Buffer.from(body, 'latin1') : (body ?? Buffer.alloc(0));
  const named = (name: string) => headers.some((header) => header.toLowerCase().startsWith(`${name}:`));
  const lines = [
    `${method} ${target} HTTP/${version}`,
    ...(named('host') || version === '1.0' ? [] : ['Host: collector.example']),
    ...(version === '1.0' || named('connection') ? [] : ['Connection: close']),
    ...headers,
    ...(chunks ? ['Transfer-Encoding: chunked'] : []),
    ...(body === undefined ? [] : [`Content-Length: ${content.length}`]),
  ];
  const pieces =
    chunks?.map((chunk) => `${Buffer.byteLength(chunk, 'latin1').toString(16)}\r\n${chunk}\r\n`) ?? [];
  return Buffer.concat([
    Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'),
    content,
    Buffer.from(chunks ? `${pieces.join('')}0\r\n\r\n` : '', 'latin1'),
  ]);
}
