import { Backoff } from '../../contracts/backoff.ts';
import type { Diagnostics } from '../../contracts/running.ts';
import { isDataRefused } from './client.ts';

/** One row, encoded. */
export type Row = Buffer;

/** A row that ClickHouse refuses for good, by its place in what was given, and why. */
export interface RefusedRow {
  readonly index: number;
  readonly error: Error;
}

export interface InserterOptions {
  /** Resolves when the rows are acknowledged. */
  insert(rows: Buffer): Promise<void>;
  readonly batchRows: number;
  readonly batchBytes: number;
  readonly batchAgeMs: number;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  readonly diagnostics: Diagnostics;
}

/** How long rows wait for other callers when theirs has more to come. */
const MOMENT_MS = 50;

interface Request {
  readonly rows: readonly Row[];
  readonly bytes: number;
  /** Place of the first row in what the caller gave. */
  readonly from: number;
  readonly settle: (refused: RefusedRow[]) => void;
  readonly fail: (reason: unknown) => void;
  readonly signal: AbortSignal | undefined;
}

/** Counters since the start. */
export interface InserterStats {
  inserts: number;
  rows: number;
  bytes: number;
  retries: number;
  refused: number;
}

/**
 * Gathers the rows of all partitions into inserts by number, size and age, one insert at a time: an insert costs
 * ClickHouse some 20 ms of CPU for its 136 columns, whatever it holds. Callers wait until their rows are acknowledged,
 * so that what is held in memory is bounded by the batches they have in hand.
 */
export class Inserter {
  readonly stats: InserterStats = { inserts: 0, rows: 0, bytes: 0, retries: 0, refused: 0 };
  readonly #options: InserterOptions;
  readonly #stopped = new AbortController();
  #queue: Request[] = [];
  #rows = 0;
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer goes off, by the monotonic clock. */
  #timerAt = Number.POSITIVE_INFINITY;
  /** Callers that exist, each with one batch in hand at most. */
  #callers = 0;
  #running: Promise<void> | undefined;

  constructor(options: InserterOptions) {
    this.#options = options;
  }

  /**
   * Resolves when every row is in ClickHouse or refused for good; says which are refused. Tries for as long as it takes.
   * Rejects only when the inserter is stopped or the signal aborted.
   *
   * @param more is true when the caller has more rows as soon as these are acknowledged: then they wait only for
   * what the other callers bring in a moment.
   * @param signal gives up rows that still wait: whoever has the partition now brings them again
   */
  async add(rows: readonly Row[], more = false, signal?: AbortSignal): Promise<RefusedRow[]> {
    const { batchRows, batchBytes } = this.#options;
    const parts: Promise<RefusedRow[]>[] = [];
    for (let from = 0; from < rows.length; ) {
      let to = from;
      let bytes = 0;
      while (
        to < rows.length &&
        to - from < batchRows &&
        (to === from || bytes + rows[to]!.length <= batchBytes)
      ) {
        bytes += rows[to++]!.length;
      }
      parts.push(this.#enqueue({ rows: rows.slice(from, to), bytes, from, signal }, more));
      from = to;
    }
    const giveUp = () => this.#giveUp(signal!);
    if (signal?.aborted) giveUp();
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      return (await Promise.all(parts)).flat();
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  /** Another caller: as long as it has brought nothing, rows wait for it, up to their age. */
  join(): void {
    this.#callers++;
  }

  leave(): void {
    this.#callers--;
  }

  /** Gives up what waits, and what is being tried again. An insert under way is left to end. */
  async stop(): Promise<void> {
    this.#stopped.abort(new Error('the sink stops'));
    clearTimeout(this.#timer);
    for (const request of this.#queue.splice(0)) request.fail(this.#stopped.signal.reason);
    await this.#running;
  }

  /** Rows that wait while ClickHouse is away must not outlive their partition's assignment: assignments come and go. */
  #giveUp(signal: AbortSignal): void {
    const given = this.#queue.filter((request) => request.signal === signal);
    this.#queue = this.#queue.filter((request) => request.signal !== signal);
    for (const request of given) {
      this.#rows -= request.rows.length;
      this.#bytes -= request.bytes;
      request.fail(signal.reason);
    }
  }

  #enqueue(given: Omit<Request, 'settle' | 'fail'>, more: boolean): Promise<RefusedRow[]> {
    const { promise, resolve: settle, reject: fail } = Promise.withResolvers<RefusedRow[]>();
    if (this.#stopped.signal.aborted) {
      fail(this.#stopped.signal.reason);
      return promise;
    }
    this.#queue.push({ ...given, settle, fail });
    this.#rows += given.rows.length;
    this.#bytes += given.bytes;
    const { batchRows, batchBytes, batchAgeMs } = this.#options;
    const everybodyWaits = this.#running === undefined && this.#queue.length >= this.#callers;
    if (this.#rows >= batchRows || this.#bytes >= batchBytes || (more && everybodyWaits)) this.#start();
    else this.#startWithin(more ? Math.min(batchAgeMs, MOMENT_MS) : batchAgeMs);
    return promise;
  }

  #startWithin(ms: number): void {
    const at = performance.now() + ms;
    if (at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => {
      // Those it was for may have given up: the next ones need a timer of their own.
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#start();
    }, ms);
  }

  #start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      // Rows that came between the last look at the queue and now found it running, and have no timer.
      if (this.#queue.length > 0 && !this.#stopped.signal.aborted) this.#start();
    });
  }

  /** Inserts what waits, and whatever comes meanwhile: that has waited long enough. */
  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      clearTimeout(this.#timer);
      this.#timerAt = Number.POSITIVE_INFINITY;
      const batch = this.#takeBatch();
      const rows = batch.flatMap((request) => request.rows);
      try {
        const refused = await this.#insert(rows, 0);
        let at = 0;
        for (const request of batch) {
          const end = at + request.rows.length;
          request.settle(
            refused
              .filter(({ index }) => index >= at && index < end)
              .map(({ index, error }) => ({ index: index - at + request.from, error })),
          );
          at = end;
        }
      } catch (reason) {
        for (const request of batch) request.fail(reason);
      }
    }
  }

  #takeBatch(): Request[] {
    const { batchRows, batchBytes } = this.#options;
    let rows = 0;
    let bytes = 0;
    let count = 0;
    for (const request of this.#queue) {
      if (count > 0 && (rows + request.rows.length > batchRows || bytes + request.bytes > batchBytes)) break;
      rows += request.rows.length;
      bytes += request.bytes;
      count++;
    }
    this.#rows -= rows;
    this.#bytes -= bytes;
    return this.#queue.splice(0, count);
  }

  /** Inserts rows, again and again if need be; halves them to find the ones that are refused. */
  async #insert(rows: readonly Row[], from: number): Promise<RefusedRow[]> {
    const data = Buffer.concat(rows);
    const { retryMinMs, retryMaxMs, diagnostics } = this.#options;
    const backoff = new Backoff(retryMinMs, retryMaxMs);
    for (let attempt = 1; ; attempt++) {
      this.#stopped.signal.throwIfAborted();
      try {
        await this.#options.insert(data);
        this.stats.inserts++;
        this.stats.rows += rows.length;
        this.stats.bytes += data.length;
        if (attempt > 1) diagnostics.info('ClickHouse takes inserts again', { attempts: attempt });
        return [];
      } catch (error) {
        if (isDataRefused(error)) return this.#halve(rows, from, error as Error);
        this.stats.retries++;
        const { message, code } = error as Error & { code?: string };
        diagnostics.warn('an insert failed and is tried again', {
          attempt,
          rows: rows.length,
          code,
          message,
        });
        await backoff.wait(this.#stopped.signal);
      }
    }
  }

  async #halve(rows: readonly Row[], from: number, error: Error): Promise<RefusedRow[]> {
    if (rows.length === 1) {
      this.stats.refused++;
      return [{ index: from, error }];
    }
    const middle = rows.length >> 1;
    return [
      ...(await this.#insert(rows.slice(0, middle), from)),
      ...(await this.#insert(rows.slice(middle), from + middle)),
    ];
  }
}
