import { type Client, errors } from '@elastic/elasticsearch';
import { Backoff } from '../../contracts/backoff.ts';
import type { Diagnostics } from '../../contracts/running.ts';
import { reasonOf } from './client.ts';
import { type AnswerItem, type ItemError, type Outcome, verdictOf } from './outcome.ts';
import type { Schema } from './schema.ts';

/** One write of a bulk. */
export interface Write {
  readonly index: string;
  readonly id: string;
  /** The document, one line of JSON. */
  readonly source: Buffer;
  /** Absent: make it, if the id is free. Given: put it there; if it has numbers, only over the version that they name. */
  readonly over?: { readonly seqNo?: number; readonly primaryTerm?: number };
}

export interface BulkOptions {
  readonly bulkBytes: number;
  /** The largest request that the server takes; undefined: not known, then it is found out. */
  readonly maxRequestBytes?: number | undefined;
  /** Requests under way at a time. */
  readonly bulks: number;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** How long a blocked index is waited for. */
  readonly blockedMs: number;
  readonly diagnostics: Diagnostics;
}

/** Counters since the start. */
export interface BulkStats {
  bulks: number;
  /** Documents written. */
  documents: number;
  bytes: number;
  /** Items and requests that were sent again. */
  retries: number;
  /** Items whose id was taken. */
  conflicts: number;
}

/** Writes documents, each until it is done or cannot be done. What holds up one item holds up no other of its request. */
export class BulkWriter {
  readonly stats: BulkStats = { bulks: 0, documents: 0, bytes: 0, retries: 0, conflicts: 0 };
  readonly #client: Client;
  readonly #schema: Schema;
  readonly #options: BulkOptions;
  /** Since when an index is blocked, by the monotonic clock. */
  readonly #blocked = new Map<string, number>();
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(client: Client, schema: Schema, options: BulkOptions) {
    this.#client = client;
    this.#schema = schema;
    this.#options = options;
    this.#free = options.bulks;
  }

  /**
   * Resolves when every write is done or refused for good. Tries for as long as it takes.
   *
   * @throws the signal's reason when it is aborted
   */
  async write(writes: readonly Write[], signal: AbortSignal): Promise<Outcome[]> {
    const outcomes: Outcome[] = new Array(writes.length);
    const backoff = new Backoff(this.#options.retryMinMs, this.#options.retryMaxMs);
    let left: number[] = [];
    writes.forEach((write, place) => {
      if (requestBytes(write) <= this.#limit) left.push(place);
      else outcomes[place] = { kind: 'refused', error: tooLarge(write, this.#limit) };
    });
    for (let attempt = 1; left.length > 0; attempt++) {
      signal.throwIfAborted();
      const again: number[] = [];
      let problem: ItemError | undefined;
      for (const chunk of this.#chunks(writes, left)) {
        const answers = await this.#send(
          chunk.map((i) => writes[i]!),
          signal,
        );
        chunk.forEach((place, i) => {
          const outcome = this.#judge(writes[place]!, answers[i]!);
          if ('kind' in outcome) outcomes[place] = outcome;
          else {
            again.push(place);
            problem = outcome;
          }
        });
      }
      if (again.length > 0) {
        this.stats.retries += again.length;
        const { diagnostics } = this.#options;
        diagnostics.warn('documents are sent to Elasticsearch again', {
          documents: again.length,
          attempt,
          ...problem,
        });
        await backoff.wait(signal);
      }
      left = again;
    }
    return outcomes;
  }

  get #limit(): number {
    return this.#options.maxRequestBytes ?? Number.POSITIVE_INFINITY;
  }

  /** The outcome, or why the item has to be sent again. */
  #judge({ index }: Write, item: AnswerItem): Outcome | ItemError {
    const verdict = verdictOf(item);
    switch (verdict.kind) {
      case 'written':
        this.stats.documents++;
        this.#blocked.delete(index);
        return verdict;
      case 'conflict':
        this.stats.conflicts++;
        return verdict;
      case 'refused':
        return verdict;
      case 'blocked':
        return this.#isGivenUp(index) ? { kind: 'refused', error: verdict.error } : verdict.error;
      case 'missing':
        this.#schema.forget(index);
        return verdict.error;
      case 'again':
        return verdict.error;
    }
  }

  /** True when the index has been blocked for so long that its documents are parked. */
  #isGivenUp(index: string): boolean {
    const now = performance.now();
    const since = this.#blocked.get(index) ?? now;
    this.#blocked.set(index, since);
    return now - since >= this.#options.blockedMs;
  }

  *#chunks(writes: readonly Write[], places: readonly number[]): Generator<number[]> {
    let chunk: number[] = [];
    let bytes = 0;
    for (const place of places) {
      const size = requestBytes(writes[place]!);
      if (chunk.length > 0 && bytes + size > Math.min(this.#options.bulkBytes, this.#limit)) {
        yield chunk;
        chunk = [];
        bytes = 0;
      }
      chunk.push(place);
      bytes += size;
    }
    if (chunk.length > 0) yield chunk;
  }

  /** Sends one bulk until it is answered; halves it where it is refused as a whole. */
  async #send(writes: readonly Write[], signal: AbortSignal): Promise<AnswerItem[]> {
    const backoff = new Backoff(this.#options.retryMinMs, this.#options.retryMaxMs);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#turn(() => this.#request(writes, signal));
      } catch (error) {
        signal.throwIfAborted();
        if (isRefusedWhole(error)) return await this.#halve(writes, error, signal);
        this.stats.retries++;
        this.#options.diagnostics.warn('Elasticsearch did not take a request; it is sent again', {
          attempt,
          documents: writes.length,
          error: reasonOf(error),
        });
      }
      await backoff.wait(signal);
    }
  }

  async #halve(
    writes: readonly Write[],
    error: errors.ResponseError,
    signal: AbortSignal,
  ): Promise<AnswerItem[]> {
    if (writes.length === 1) {
      return [{ status: 400, error: { type: `request_${error.statusCode}`, reason: reasonOf(error) } }];
    }
    const middle = writes.length >> 1;
    return [
      ...(await this.#send(writes.slice(0, middle), signal)),
      ...(await this.#send(writes.slice(middle), signal)),
    ];
  }

  async #request(writes: readonly Write[], signal: AbortSignal): Promise<AnswerItem[]> {
    for (const index of new Set(writes.map((write) => write.index))) await this.#schema.ensure(index);
    const body = Buffer.concat(writes.flatMap((write) => [actionLine(write), write.source, NEWLINE]));
    const answer = await this.#client.transport.request<{
      errors: boolean;
      items?: Record<string, AnswerItem>[];
    }>(
      { method: 'POST', path: '/_bulk', querystring: { filter_path: ANSWER }, bulkBody: body },
      { signal, headers: { 'content-type': 'application/vnd.elasticsearch+x-ndjson; compatible-with=9' } },
    );
    this.stats.bulks++;
    this.stats.bytes += body.length;
    return (answer.items ?? []).map((item) => Object.values(item)[0]!);
  }

  /** Waits until fewer requests are under way than may be. */
  async #turn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}

/** What is read of an answer: the rest of it would cost more to parse than all else. */
const ANSWER = 'errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason';
const NEWLINE = Buffer.from('\n');

/** No line before a document is longer: an id has 512 bytes at most. */
const ACTION_BYTES = 4_096;

function requestBytes({ source }: Write): number {
  return source.length + ACTION_BYTES;
}

function tooLarge(write: Write, limit: number): ItemError {
  const bytes = requestBytes(write);
  return {
    type: 'request_too_large',
    reason: `a request of ${bytes} bytes; Elasticsearch takes ${limit} (http.max_content_length)`,
  };
}

function actionLine({ index, id, over }: Write): Buffer {
  const place = { _index: index, _id: id };
  if (over === undefined) return Buffer.from(`${JSON.stringify({ create: place })}\n`);
  const condition =
    over.seqNo === undefined ? {} : { if_seq_no: over.seqNo, if_primary_term: over.primaryTerm };
  return Buffer.from(`${JSON.stringify({ index: { ...place, ...condition } })}\n`);
}

/** The request itself is at fault: too large, or malformed. */
function isRefusedWhole(error: unknown): error is errors.ResponseError {
  return (
    error instanceof errors.ResponseError &&
    (error.statusCode === 413 ||
      (error.statusCode === 400 && error.meta.meta.request.params.path === '/_bulk'))
  );
}
