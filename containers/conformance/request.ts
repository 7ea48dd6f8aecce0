/** What is sent to both collectors over a connection of its own. */
export interface ConformanceRequest {
  /** Bytes that are sent with a pause between them, so that they come apart. */
  readonly pieces: readonly Buffer[];
  /** What the client does after its last byte: waits for the other side to close, says that it has no more to send, or is gone. */
  readonly end: 'waits' | 'ends' | 'aborts';
  /** How many lines both collectors owe to the log, answered or not; left out: one for each answer. */
  readonly lines?: number;
}

/** Requests by what is special about them. */
export type RequestCorpus = Readonly<Record<string, ConformanceRequest>>;

/** The path of trackers' POSTs. */
export const TP2 = '/com.snowplowanalytics.snowplow/tp2';

/** Ids that clients of the corpus bring along: both collectors must keep them. */
export const KNOWN_ID = '11111111-2222-4333-8444-555555555555';
export const OTHER_KNOWN_ID = '99999999-2222-4333-8444-555555555555';

interface Parts {
  readonly headers?: readonly string[];
  readonly body?: string | Buffer;
  readonly version?: string;
  readonly chunks?: readonly string[];
}

/** A request with `Connection: close`, so that the end of its answer is seen. Text is latin1: a character is a byte. */
export function request(method: string, target: string, parts: Parts = {}): ConformanceRequest {
  return raw(requestBytes(method, target, parts));
}

/** Bytes as they are, in one packet or in several. */
export function raw(...pieces: readonly (Buffer | string)[]): ConformanceRequest {
  return {
    pieces: pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)),
    end: 'waits',
  };
}

/** A request with `Connection: close` as bytes. */
export function requestBytes(method: string, target: string, parts: Parts = {}): Buffer {
  const { headers = [], body, version = '1.1', chunks } = parts;
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

/** The head of a request without a body; what follows is sent as it is. */
export function head(method: string, target: string, ...headers: readonly string[]): string {
  return `${method} ${target} HTTP/1.1\r\nHost: collector.example\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`;
}

/** What is sent, on one line, every byte to be seen; the first few thousand. */
export function shown({ pieces }: ConformanceRequest): string {
  const sent = Buffer.concat(pieces).toString('latin1').slice(0, 5_000);
  return JSON.stringify(sent).replace(/[\x7f-\xff]/g, (byte) => `\\u00${byte.charCodeAt(0).toString(16)}`);
}
