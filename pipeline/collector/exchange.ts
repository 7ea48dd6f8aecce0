import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Answer,
  corsHeaders,
  HEALTHY,
  NOT_FOUND,
  PIXEL_ANSWER,
  POST_ANSWER,
  PREFLIGHT,
  REDIRECTS_DISABLED,
  ROBOTS,
  redirectTo,
  refusal,
} from './answers.ts';
import { BodyReader, type BodyReceiver } from './body.ts';
import { addressOf, type Connection, connectionOf, linger, takeTurns } from './connection.ts';
import type { LineWaiter } from './line-queue.ts';
import { keepsConnection, protocolRefusal, versionRefusal } from './protocol.ts';
import { newRequestId } from './request-ids.ts';
import { type Route, routeOf } from './routes.ts';
import type { Shared } from './shared.ts';
import { hostName, parseTarget, queryArgument } from './target.ts';

/** One request: decides the answer, has the line written, then answers. */
export class Exchange implements LineWaiter, BodyReceiver {
  private readonly shared: Shared;
  private readonly request: IncomingMessage;
  private readonly response: ServerResponse;
  private readonly connection: Connection;
  private readonly address: string;
  private readonly anonymous: boolean;
  private readonly awaitsContinue: boolean;
  private host = '';
  private uri = '';
  private query = '';
  private body = '';
  private userId = '';
  private answer: Answer = NOT_FOUND;
  /** Whether the answer carries CORS headers. */
  private cors = false;
  /** Whether the connection ends with this answer. */
  private last: boolean;

  /** @param awaitsContinue the client sends the body only when told to */
  constructor(shared: Shared, request: IncomingMessage, response: ServerResponse, awaitsContinue = false) {
    this.shared = shared;
    this.request = request;
    this.response = response;
    this.awaitsContinue = awaitsContinue;
    this.connection = connectionOf(request.socket);
    this.connection.newest = response;
    this.address = addressOf(request.socket);
    this.anonymous = request.headers['sp-anonymous'] !== undefined;
    this.last = !keepsConnection(request);
  }

  /** Handles the request. Never throws. */
  run(): void {
    if (this.last) this.connection.refused = true;
    try {
      const status = this.examine();
      if (status !== 0) this.refuse(status);
      else this.dispatch(routeOf(this.request.method!, this.uri));
    } catch (error) {
      this.failed(error);
    }
  }

  /** Refuses the request; the connection ends. */
  refuse(status: number): void {
    this.endsHere();
    this.userId = '';
    this.cors = false;
    this.log(refusal(status));
  }

  bodyReceived(body: string): void {
    this.body = body;
    this.log(POST_ANSWER);
    takeTurns(this.connection);
  }

  bodyRefused(status: number): void {
    this.refuse(status);
    takeTurns(this.connection);
  }

  lineWritten(): void {
    this.shared.counters.lines++;
    this.send(this.answer);
  }

  lineLost(): void {
    this.shared.counters.unlogged++;
    this.userId = '';
    this.send(refusal(503));
  }

  /** Takes the head of the request apart; gives the status of a refusal, or 0. */
  private examine(): number {
    const { settings } = this.shared;
    const { headers, rawHeaders, url = '' } = this.request;
    const version = versionRefusal(this.request);
    if (version !== 0) return version;
    const target = parseTarget(url);
    if (target !== undefined) {
      this.uri = target.uri;
      this.query = target.query;
    }
    if (url.length > settings.maxUriCharacters) return 414;
    if (target === undefined) return 400;
    // Both must be good, whichever counts.
    for (const host of [headers.host, target.host]) {
      if (host === undefined) continue;
      const name = hostName(host);
      if (name === undefined) return 400;
      this.host = name;
    }
    if (headers.host === undefined && this.request.httpVersionMinor > 0) return 400;
    if (rawHeaders.length > 2 * settings.maxHeaders) return 431;
    return protocolRefusal(this.request);
  }

  private dispatch(route: Route): void {
    if (Number(this.request.headers['content-length']) > this.shared.settings.maxBodySize) {
      // As Nginx, which looks at the size only where it would take the body.
      if (route === 'pixel' || route === 'post') {
        this.refuse(413);
        return;
      }
      this.endsHere();
    }
    switch (route) {
      case 'pixel':
        this.identify();
        this.log(PIXEL_ANSWER);
        break;
      case 'post':
        this.identify();
        this.receiveBody();
        break;
      case 'redirect':
        this.redirect();
        break;
      case 'preflight':
        this.cors = true;
        this.log(PREFLIGHT);
        break;
      case 'health':
        this.log(HEALTHY);
        break;
      case 'robots':
        this.log(ROBOTS);
        break;
      case 'unknown':
        this.log(NOT_FOUND);
    }
  }

  private endsHere(): void {
    this.last = true;
    this.connection.refused = true;
  }

  private identify(): void {
    this.cors = true;
    if (!this.anonymous)
      this.userId = this.shared.cookie.userId(this.query, this.request.headers.cookie ?? '');
  }

  private receiveBody(): void {
    const { settings, bodies } = this.shared;
    if (this.awaitsContinue) this.response.writeContinue();
    this.connection.body = new BodyReader(this.request, settings.maxBodySize, bodies, this);
  }

  private redirect(): void {
    const { redirects } = this.shared;
    const location = redirects.enabled ? redirects.location(this.query) : undefined;
    if (!redirects.enabled) {
      this.log(REDIRECTS_DISABLED);
    } else if (location === undefined) {
      this.log(refusal(400));
    } else {
      this.identify();
      this.log(redirectTo(location));
    }
  }

  /** Has the line written; the answer leaves after it. */
  private log(answer: Answer): void {
    const { lines, time, writer } = this.shared;
    this.answer = answer;
    const line = lines.line({
      remoteAddr: this.address,
      msec: time.msec(),
      host: this.host,
      time: time.iso(),
      status: answer.status,
      size: this.request.method === 'HEAD' ? 0 : answer.body.length,
      query: this.query,
      body: this.body,
      uri: this.uri,
      method: this.request.method!,
      headers: this.request.headers,
      requestId: newRequestId(),
      networkUserId: this.userId,
      anonymous: this.anonymous,
      // Twice a query that is too long would make a line longer than the contracts allow.
      duid: this.query === '' || answer.status === 414 ? '' : queryArgument(this.query, 'duid'),
    });
    this.body = '';
    if (!writer.append(line, this)) this.lineLost();
  }

  private send(answer: Answer): void {
    const { shared, request, response } = this;
    try {
      const headers: string[] = this.userId === '' ? [] : ['Set-Cookie', shared.cookie.header(this.userId)];
      if (this.cors) headers.push(...corsHeaders(request.headers.origin ?? ''));
      headers.push(...answer.headers);
      // A client that was not told to send its body may send it or not: what comes next on this connection is anybody's guess.
      if (this.last || shared.stopping || (this.awaitsContinue && !request.complete)) {
        headers.push('Connection', 'close');
        this.connection.refused = true;
        if (!request.complete) linger(request.socket);
      }
      response.writeHead(answer.status, headers);
      response.end(request.method === 'HEAD' ? '' : answer.body, 'latin1');
      shared.counters.answered(answer.status);
    } catch (error) {
      this.failed(error);
    }
  }

  private failed(error: unknown): void {
    this.shared.bugs.error('a request could not be handled: a bug in the collector', error);
    this.request.socket.destroy();
  }
}
