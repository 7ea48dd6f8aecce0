import type { PlannedRequest } from '../simulator/plan/request.ts';
import { Ids } from '../simulator/random/ids.ts';
import type { CorpusRequest } from './corpus-request.ts';

/** A request of the corpus as the ledger and as k6 know it. */
export interface CorpusEntry {
  readonly plan: PlannedRequest;
  readonly line: CorpusRequest;
}

/** What the connection needs and k6 adds by itself. */
const OF_THE_CONNECTION = new Set(['host', 'connection', 'content-length']);
/** Path and query that go through a URL parser and come out as they were. */
const PLAIN_TARGET = /^\/[\x21\x22\x24-\x7e]*$/;
const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const PLAIN_VALUE = /^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/;

/**
 * The planned requests that k6 can send as they are, made ready for it. k6 takes text and a URL where the plan has bytes, so requests
 * with raw bytes in target or headers are left out.
 *
 * A virtual user of k6 is nobody in particular and keeps no cookies. A visitor's browser has been at this collector before, and
 * sends the cookie of then each time: made from the seed, the same for all its requests.
 */
export async function* corpus(
  plan: Iterable<PlannedRequest> | AsyncIterable<PlannedRequest>,
  seed: number,
): AsyncGenerator<CorpusEntry> {
  const cookies = new Cookies(seed);
  for await (const planned of plan) {
    const request = planned.browser === null ? planned : cookies.added(planned, planned.browser);
    if (isPlain(request)) yield { plan: request, line: lineOf(request) };
  }
}

/** Whether k6 sends it byte for byte. */
export function isPlain({ target, headers }: PlannedRequest): boolean {
  const path = target.split('?', 1)[0]!;
  if (!PLAIN_TARGET.test(target) || BROKEN_ESCAPE.test(path)) return false;
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  return (
    names.size === headers.length &&
    headers.every(([name, value]) => TOKEN.test(name) && PLAIN_VALUE.test(value))
  );
}

function lineOf({ method, target, headers, body }: PlannedRequest): CorpusRequest {
  const kept = headers.filter(([name]) => !OF_THE_CONNECTION.has(name.toLowerCase()));
  return {
    method,
    target,
    headers: Object.fromEntries(kept),
    ...(typeof body === 'string' && { body: body.toWellFormed() }),
    ...(Buffer.isBuffer(body) && { body64: body.toString('base64') }),
  };
}

class Cookies {
  readonly #ids: Ids;
  readonly #numbers = new Map<string, number>();

  constructor(seed: number) {
    this.#ids = Ids.of(seed, 'load', 'network user');
  }

  added(plan: PlannedRequest, browser: string): PlannedRequest {
    let number = this.#numbers.get(browser);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(browser, number);
    }
    const cookie = `sp=${this.#ids.uuid(number)}`;
    const at = plan.headers.findIndex(([name]) => name.toLowerCase() === 'cookie');
    if (at < 0) return { ...plan, headers: [...plan.headers, ['Cookie', cookie]] };
    const [name, value] = plan.headers[at]!;
    return { ...plan, headers: plan.headers.with(at, [name, `${value}; ${cookie}`]) };
  }
}
