/** A response that is no HTTP/1.1. The connection it came over is of no more use. */
export class MalformedResponse extends Error {
  override readonly name = 'MalformedResponse';
}

type State =
  | 'head'
  | 'length'
  | 'until-close'
  | 'chunk-size'
  | 'chunk-data'
  | 'chunk-end'
  | 'trailers'
  | 'done';

const MAX_HEAD = 65_536;
const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: |$)/;
const DIGITS = /^\d{1,15}$/;
const CHUNK_SIZE = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/;

/**
 * Reads the answers on one connection, one at a time: status, cookies and where each ends. Bodies are skipped. The bytes may
 * come in pieces of any size (RFC 9112: Content-Length, chunked, until the end of the connection; interim 1xx answers are skipped).
 */
export class ResponseParser {
  /** Status of the answer, once `push` or `end` has returned true. */
  status = 0;
  /** Values of its `Set-Cookie` headers. */
  setCookies: string[] = [];
  /** Whether another request may follow on this connection. */
  reusable = false;

  #state: State = 'done';
  #withoutBody = false;
  /** The head, or a line of the chunked framing, as far as it has come; one character a byte. */
  #text = '';
  #remaining = 0;

  /** Gets ready for the answer to a request of that method. */
  begin(method: string): void {
    this.#state = 'head';
    this.#withoutBody = method === 'HEAD';
    this.#text = '';
    this.setCookies = [];
  }

  /** Takes bytes; true when the answer is complete. @throws MalformedResponse */
  push(chunk: Buffer): boolean {
    let at = 0;
    while (at < chunk.length && this.#state !== 'done') at = this.#take(chunk, at);
    if (at < chunk.length) this.reusable = false;
    return this.#state === 'done';
  }

  /** The connection has ended; true when that completes the answer. */
  end(): boolean {
    if (this.#state !== 'until-close') return false;
    this.#state = 'done';
    return true;
  }

  #take(chunk: Buffer, at: number): number {
    switch (this.#state) {
      case 'head':
        return this.#takeHead(chunk, at);
      case 'length':
      case 'chunk-data': {
        const taken = Math.min(this.#remaining, chunk.length - at);
        this.#remaining -= taken;
        if (this.#remaining === 0) this.#state = this.#state === 'length' ? 'done' : 'chunk-end';
        return at + taken;
      }
      case 'until-close':
        return chunk.length;
      default:
        return this.#takeLine(chunk, at);
    }
  }

  #takeHead(chunk: Buffer, at: number): number {
    const before = this.#text.length;
    this.#text += chunk.toString('latin1', at);
    const end = this.#text.indexOf('\r\n\r\n', Math.max(0, before - 3));
    if (end < 0) {
      if (this.#text.length > MAX_HEAD) throw new MalformedResponse('the head of the answer has no end');
      return chunk.length;
    }
    this.#readHead(this.#text.slice(0, end));
    this.#text = '';
    return at + end + 4 - before;
  }

  #readHead(head: string): void {
    const lines = head.split('\r\n');
    const match = STATUS_LINE.exec(lines[0]!);
    if (!match) throw new MalformedResponse(`no status line: ${JSON.stringify(lines[0]!.slice(0, 80))}`);
    this.status = Number(match[2]);
    if (this.status < 200 && this.status !== 101) return;
    this.reusable = match[1] === '1';
    let length: number | undefined;
    let chunked = false;
    for (let i = 1; i < lines.length; i++) {
      const line = lines[i]!;
      const colon = line.indexOf(':');
      if (colon <= 0) throw new MalformedResponse(`no header: ${JSON.stringify(line.slice(0, 80))}`);
      const value = line.slice(colon + 1).trim();
      switch (line.slice(0, colon).toLowerCase()) {
        case 'content-length':
          if (!DIGITS.test(value) || (length !== undefined && length !== Number(value)))
            throw new MalformedResponse(`content-length: ${value.slice(0, 80)}`);
          length = Number(value);
          break;
        case 'transfer-encoding':
          chunked = value.toLowerCase().endsWith('chunked');
          if (!chunked) throw new MalformedResponse(`transfer-encoding: ${value.slice(0, 80)}`);
          break;
        case 'connection':
          if (value.toLowerCase() === 'close') this.reusable = false;
          else if (value.toLowerCase() === 'keep-alive') this.reusable = true;
          break;
        case 'set-cookie':
          this.setCookies.push(value);
          break;
      }
    }
    this.#beginBody(length, chunked);
  }

  #beginBody(length: number | undefined, chunked: boolean): void {
    if (this.#withoutBody || this.status === 204 || this.status === 304) this.#state = 'done';
    else if (chunked) this.#state = 'chunk-size';
    else if (length === undefined) {
      this.#state = 'until-close';
      this.reusable = false;
    } else {
      this.#remaining = length;
      this.#state = length === 0 ? 'done' : 'length';
    }
  }

  /** One line of the chunked framing: a size, the empty line after the data, a trailer. */
  #takeLine(chunk: Buffer, at: number): number {
    const newline = chunk.indexOf(0x0a, at);
    const end = newline < 0 ? chunk.length : newline + 1;
    this.#text += chunk.toString('latin1', at, end);
    if (newline < 0) {
      if (this.#text.length > MAX_HEAD) throw new MalformedResponse('a line of the chunked body has no end');
      return end;
    }
    const line = this.#text.slice(0, this.#text.endsWith('\r\n') ? -2 : -1);
    this.#text = '';
    if (this.#state === 'chunk-end') {
      if (line !== '') throw new MalformedResponse('a chunk is longer than its size');
      this.#state = 'chunk-size';
    } else if (this.#state === 'trailers') {
      if (line === '') this.#state = 'done';
    } else {
      const size = CHUNK_SIZE.exec(line);
      if (!size) throw new MalformedResponse(`chunk size: ${JSON.stringify(line.slice(0, 80))}`);
      this.#remaining = Number.parseInt(size[1]!, 16);
      this.#state = this.#remaining === 0 ? 'trailers' : 'chunk-data';
    }
    return end;
  }
}
