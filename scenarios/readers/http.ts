import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestByTls } from 'node:https';
import type { HttpConnection } from '../../containers/connections.ts';

const TIMEOUT_MS = 120_000;

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** Asks a server over HTTP, by TLS and with credentials where the connection says so. @throws Error no answer */
export async function askHttp(
  { url, user, password, apiKey, ca }: HttpConnection & { readonly apiKey?: string },
  { method, path, body }: { readonly method: string; readonly path: string; readonly body?: string },
): Promise<HttpAnswer> {
  const target = new URL(url);
  const authorization = apiKey
    ? `ApiKey ${apiKey}`
    : user && `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}`;
  const options = {
    method,
    path: `${target.pathname.replace(/\/$/, '')}${path}`,
    timeout: TIMEOUT_MS,
    headers: {
      ...(authorization && { authorization }),
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      }),
    },
  };
  const sending =
    target.protocol === 'https:'
      ? requestByTls(target, { ...options, ...(ca && { ca: [...ca] }) })
      : requestPlain(target, options);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  sending.once('response', resolve).once('error', reject);
  sending.once('timeout', () => sending.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)));
  sending.end(body);
  const answer = await promise;
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return { status: answer.statusCode!, text: Buffer.concat(chunks).toString() };
}
