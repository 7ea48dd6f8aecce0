import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Transform } from 'node:stream';
import { constants, createBrotliCompress, createDeflate, createGzip, createZstdCompress } from 'node:zlib';
import type { Outcome, Plan } from './execute.ts';
import { engineFailure, RequestRefused } from './failures.ts';
import { contentType } from './formats.ts';
import type { QueryRequest } from './request.ts';

/** Writes an answer, compressed if the client asked for it; waits for a slow reader, gives up when it goes away. */
export async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  request: QueryRequest,
  plan: Plan,
  outcome: Outcome,
): Promise<void> {
  response.statusCode = 200;
  response.setHeader('X-ClickHouse-Query-Id', request.queryId);
  response.setHeader('X-ClickHouse-Format', plan.format);
  response.setHeader('X-ClickHouse-Timezone', 'UTC');
  response.setHeader('Content-Type', contentType(plan.format));
  const encoder = request.compress ? encoderFor(message, response) : undefined;
  if (outcome.kind === 'whole') {
    response.setHeader('X-ClickHouse-Summary', summary(plan, outcome));
    if (encoder === undefined) {
      response.end(outcome.result.bytes);
      return;
    }
    encoder.pipe(response);
    encoder.end(outcome.result.bytes);
    return;
  }
  const tag = randomBytes(8).toString('hex');
  response.setHeader('X-ClickHouse-Exception-Tag', tag);
  encoder?.pipe(response);
  const out = encoder ?? response;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    if (outcome.first !== undefined) await write(out, outcome.first, gone.signal);
    for await (const chunk of outcome.rest) await write(out, chunk, gone.signal);
    out.end();
  } catch (error) {
    if (gone.signal.aborted) return;
    // The status is sent: a marked block at the end tells the client, and the broken chunking everybody else.
    const { text } = engineFailure(error);
    await write(out, Buffer.from(exceptionBlock(tag, text)), gone.signal).catch(() => undefined);
    if (encoder === undefined) response.socket?.end();
    else encoder.end();
  }
}

/** The block that ends a result whose statement failed in mid-stream, as ClickHouse 25.11 and newer write it. */
export function exceptionBlock(tag: string, text: string): string {
  const message = text.endsWith('\n') ? text : `${text}\n`;
  return `\r\n__exception__\r\n${tag}\r\n${message}${Buffer.byteLength(message)} ${tag}\r\n__exception__\r\n`;
}

/** Answers with an error as ClickHouse words it. */
export function fail(response: ServerResponse, error: unknown, queryId?: string): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { code, status, text } = engineFailure(error);
  for (const name of ['X-ClickHouse-Format', 'X-ClickHouse-Exception-Tag', 'Content-Encoding']) {
    response.removeHeader(name);
  }
  if (queryId !== undefined) response.setHeader('X-ClickHouse-Query-Id', queryId);
  response.setHeader('X-ClickHouse-Exception-Code', String(code));
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  response.statusCode = error instanceof RequestRefused ? error.status : status;
  // A body that was not read to its end would be taken for the next request.
  if (!response.req.complete) response.setHeader('Connection', 'close');
  response.end(`${text}\n`);
}

function summary(plan: Plan, outcome: Outcome & { kind: 'whole' }): string {
  const { rowsRead, bytesRead, elapsed, bytes } = outcome.result;
  const written = plan.statement.kind === 'insert';
  return JSON.stringify({
    read_rows: String(rowsRead),
    read_bytes: String(bytesRead),
    written_rows: written ? String(rowsRead) : '0',
    written_bytes: written ? String(bytesRead) : '0',
    total_rows_to_read: '0',
    result_rows: written ? String(rowsRead) : '0',
    result_bytes: String(bytes.length),
    elapsed_ns: String(Math.round(elapsed * 1e9)),
  });
}

async function write(out: ServerResponse | Transform, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (!out.write(bytes)) await once(out, 'drain', { signal });
}

function encoderFor(message: IncomingMessage, response: ServerResponse): Transform | undefined {
  const accepted = String(message.headers['accept-encoding'] ?? '').toLowerCase();
  const fast = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
  const encoders = {
    gzip: () => createGzip({ level: 3 }),
    zstd: () => createZstdCompress(),
    br: () => createBrotliCompress(fast),
    deflate: () => createDeflate({ level: 3 }),
  };
  for (const [name, make] of Object.entries(encoders)) {
    if (!accepted.split(',').some((item) => item.split(';')[0]!.trim() === name)) continue;
    response.setHeader('Content-Encoding', name);
    response.setHeader('Vary', 'Accept-Encoding');
    return make();
  }
  return undefined;
}
