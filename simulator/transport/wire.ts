import type { PlannedRequest } from '../plan/request.ts';

/** A request as bytes: the head as a latin1 string, one character a byte, and the body. */
export interface WireRequest {
  readonly head: string;
  readonly body: Buffer | null;
}

/** Headers that depend on the connection; the plan's own are left out. */
const OF_THE_CONNECTION = new Set(['host', 'connection', 'content-length']);

/**
 * The bytes of a planned request: its target and headers exactly as planned, preceded by `Host`, `Connection` and, with
 * a body, `Content-Length`, where browsers put them; the jar's cookies after the page's own, or as last header.
 */
export function wireRequest(plan: PlannedRequest, host: string, cookies: string | undefined): WireRequest {
  const body = bodyBytes(plan);
  let head = `${plan.method} ${plan.target} HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\n`;
  if (body !== null) head += `Content-Length: ${body.length}\r\n`;
  let pending = cookies;
  for (const [name, value] of plan.headers) {
    const lower = name.toLowerCase();
    if (OF_THE_CONNECTION.has(lower)) continue;
    if (lower === 'cookie' && pending !== undefined) {
      head += `${name}: ${value}; ${pending}\r\n`;
      pending = undefined;
    } else head += `${name}: ${value}\r\n`;
  }
  if (pending !== undefined) head += `Cookie: ${pending}\r\n`;
  return { head: `${head}\r\n`, body: body?.length ? body : null };
}

function bodyBytes({ body, method }: PlannedRequest): Buffer | null {
  if (body === null) return method === 'POST' || method === 'PUT' ? Buffer.alloc(0) : null;
  return typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
}
