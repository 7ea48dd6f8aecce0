import { deriveId } from '../../pipeline/contracts/ids.ts';
import type { RecordedRequest } from '../../simulator/replay/index.ts';
import { userAgent } from './user-agents.ts';

/** How many lines one user agent is good for. */
export const LINES_PER_USER_AGENT = 20;

const LONGEST_LINE = 3_200;
/** The parameter that carries the contexts: the most of a line. */
const CONTEXTS = /&(?:co|cx)=[^&]*/;

/**
 * Lines of an access log without end, made of recorded GET requests. Every line is an event of its own (event id, visitor,
 * time); long ones with all contexts and short ones without take turns: 0.8 to 3 kB.
 */
export class AccessLines {
  readonly #queries: readonly string[];
  readonly #linesPerUserAgent: number;
  #next = 0;
  #lastUserAgent: number;

  /** @param first the number of the first user agent, where some must not be seen before */
  constructor(recorded: readonly RecordedRequest[], linesPerUserAgent = LINES_PER_USER_AGENT, first = 0) {
    const queries = recorded.map(({ target }) => target.slice(target.indexOf('?') + 1));
    this.#queries = queries.flatMap((query) => [
      ...(query.length < LONGEST_LINE - 700 ? [query] : []),
      query.replace(CONTEXTS, ''),
    ]);
    this.#linesPerUserAgent = linesPerUserAgent;
    this.#lastUserAgent = first;
  }

  take(count: number): string[] {
    return Array.from({ length: count }, () => this.#line());
  }

  #line(): string {
    const n = this.#next++;
    // Spread, so that a new user agent comes now and then and not in a row.
    if (n % this.#linesPerUserAgent === 0) this.#lastUserAgent++;
    const id = deriveId('bench', n);
    const visitor = deriveId('bench visitor', n % 5_000);
    const query = this.#queries[n % this.#queries.length]!.replace(/([?&]eid=)[^&]*/, `$1${id}`).replace(
      /([?&]duid=)[^&]*/,
      `$1${visitor}`,
    );
    const at = 1_795_451_870_000 + n;
    return JSON.stringify({
      remote_addr: `203.0.113.${n % 250}`,
      scheme: 'http',
      msec: (at / 1000).toFixed(3),
      host: 'collector.example',
      server_name: 'localhost',
      time: `${new Date(at).toISOString().slice(0, 19)}+00:00`,
      status: '200',
      size: '43',
      query_string: query,
      request_body: '',
      uri: '/i',
      method: 'GET',
      referer: 'https://shop.example/',
      user_agent: userAgent(this.#lastUserAgent),
      accept_language: 'de-DE',
      cookies: `sp=${visitor}`,
      x_forwarded_for: '',
      content_type: '',
      origin: '',
      request_id: id.replaceAll('-', ''),
      network_userid: visitor,
      sp_anonymous: '',
      partition_key: visitor,
    });
  }
}
