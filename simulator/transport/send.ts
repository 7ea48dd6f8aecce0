import type { PlannedRequest } from '../plan/request.ts';
import { RunClock } from './clock.ts';
import type { CookieJar } from './cookie-jar.ts';
import { Dispatcher, type IntentLedger } from './dispatcher.ts';
import { ConnectionPool, endpointOf } from './pool.ts';
import type { SendProgress, SendResult } from './result.ts';
import { Waker } from './waker.ts';

/** How requests are sent. */
export interface SendOptions {
  /** Origin of the collector: `http://127.0.0.1:8080`. */
  readonly target: string;
  /**
   * `realtime`: each request goes out when it is due, whatever the answers do (an open model); a number: so many times as
   * fast; `max`: as fast as the answers come (a closed loop of `concurrency` connections, due times do not count).
   */
  readonly speed?: 'realtime' | 'max' | number;
  /** Unix time, ms, of `due` 0, as in `run.json`. Default: now. */
  readonly began?: number;
  /** Most requests under way, and so most connections. Default 256; 32 with speed `max`. */
  readonly concurrency?: number;
  /** Most requests that are due, but wait: then the plan is read no further, and lag grows. Default 2,000. */
  readonly maxWaiting?: number;
  /** How long an answer may take, ms. Default 10 s. */
  readonly timeout?: number;
  /** A request that is later than this is dropped and counted, ms. Default 30 s; never with speed `max`. */
  readonly dropAfter?: number;
  /** Sends what got no answer once more, as a tracker does: how often, and after how long, ms. Default: not. */
  readonly resend?: { readonly times: number; readonly after: number };
  /** Where intents and answers are written. */
  readonly ledger?: IntentLedger;
  /** Cookies to begin with, and to go on with. */
  readonly jar?: CookieJar;
  /** Stops sending; what is under way is waited for. */
  readonly signal?: AbortSignal;
  /** Told once a second, and at the end. */
  readonly onProgress?: (progress: SendProgress) => void;
  /** Given, at the beginning, the means to ask for the progress at any time. */
  readonly onBegin?: (progress: () => SendProgress) => void;
}

const PROGRESS_MS = 1_000;
const SWEEP_MS = 100;
/** So many requests may be taken in one turn of the event loop, so that answers are not kept waiting. */
const TURN = 64;

/**
 * Sends planned requests over HTTP/1.1, each byte for byte as planned. Resolves when the last answer is there or given up.
 *
 * @throws ClickproofError TARGET_INVALID, LEDGER_WRITE_FAILED
 * @example
 * const result = await send(plan, { target: 'http://127.0.0.1:8080', ledger, signal });
 * console.log(result.acknowledged, result.latency.getValueAtPercentile(99));
 */
export async function send(
  plan: Iterable<PlannedRequest> | AsyncIterable<PlannedRequest>,
  options: SendOptions,
): Promise<SendResult> {
  const speed = options.speed ?? 'realtime';
  const closedLoop = speed === 'max';
  const endpoint = endpointOf(options.target);
  const clock = new RunClock(
    options.began ?? Date.now(),
    closedLoop ? null : speed === 'realtime' ? 1 : speed,
  );
  const pool = new ConnectionPool(endpoint);
  const pace = new Waker();
  const room = new Waker();
  let fatal: unknown;
  let stopped = options.signal?.aborted ?? false;
  const dispatcher = new Dispatcher({
    clock,
    pool,
    host: endpoint.host,
    ledger: options.ledger,
    jar: options.jar,
    closedLoop,
    concurrency: options.concurrency ?? (closedLoop ? 32 : 256),
    timeout: options.timeout ?? 10_000,
    dropAfter: closedLoop ? Number.POSITIVE_INFINITY : (options.dropAfter ?? 30_000),
    resend: options.resend,
    onRoom: () => room.wake(),
    onFatal: (error) => {
      fatal ??= error;
      stop();
    },
  });
  const stop = () => {
    stopped = true;
    dispatcher.stop();
    pace.wake();
    room.wake();
  };

  const feed = async (): Promise<void> => {
    const maxWaiting = options.maxWaiting ?? 2_000;
    let taken = 0;
    for await (const request of plan) {
      const due = clock.dueOf(request.due);
      for (let left = due - clock.now(); left > 0 && !stopped; left = due - clock.now())
        await pace.wait(left);
      while (dispatcher.waiting >= maxWaiting && !stopped) await room.wait();
      if (stopped) return;
      dispatcher.add(request, due);
      if (++taken % TURN === 0) await new Promise(setImmediate);
    }
  };

  const start = clock.now();
  const progress = (): SendProgress => ({
    ...dispatcher.counts,
    elapsed: clock.now() - start,
    inFlight: dispatcher.inFlight,
    waiting: dispatcher.waiting,
  });
  options.onBegin?.(progress);
  const sweeping = setInterval(() => {
    dispatcher.expire();
    pool.sweep(clock.now());
  }, SWEEP_MS);
  const reporting = setInterval(() => {
    try {
      options.ledger?.flush();
    } catch (error) {
      fatal ??= error;
      stop();
    }
    options.onProgress?.(progress());
  }, PROGRESS_MS);
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    try {
      if (!stopped) await feed();
    } catch (error) {
      // What has been sent is still worth knowing: the plan's error comes after the last answer.
      fatal ??= error;
    }
    while (!dispatcher.idle) await room.wait();
    options.ledger?.flush();
  } finally {
    clearInterval(sweeping);
    clearInterval(reporting);
    options.signal?.removeEventListener('abort', stop);
    pool.destroy();
  }
  if (fatal !== undefined) throw fatal;
  options.onProgress?.(progress());
  const { counts, statuses, latency, lag, maxInFlight } = dispatcher;
  return { ...counts, elapsed: clock.now() - start, statuses, latency, lag, maxInFlight, stopped };
}
