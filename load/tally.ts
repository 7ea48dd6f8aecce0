import type { PlannedRequest } from '../simulator/plan/request.ts';
import {
  latencyHistogram,
  nothingSent,
  recordMs,
  type SendCounts,
  type SendOptions,
  type SendProgress,
  type SendResult,
} from '../simulator/transport/index.ts';
import type { ResultLine } from './corpus-request.ts';
import { answerOf } from './results.ts';

/** Counts what k6 says of its requests, and tells the ledger. */
export class Tally {
  readonly #requests: readonly PlannedRequest[];
  readonly #interval: number;
  readonly #users: number;
  readonly #options: Pick<SendOptions, 'ledger'>;
  readonly #known: Uint8Array;
  readonly #counts: SendCounts;
  readonly #statuses: Record<string, number> = {};
  readonly #latency = latencyHistogram();
  readonly #lag = latencyHistogram();
  #last = -1;
  #began = Number.POSITIVE_INFINITY;
  #ended = 0;

  /**
   * @param duration over which the requests are spread, ms
   * @param users how many requests can be under way
   */
  constructor(
    requests: readonly PlannedRequest[],
    duration: number,
    users: number,
    options: Pick<SendOptions, 'ledger'>,
  ) {
    this.#requests = requests;
    this.#interval = duration / requests.length;
    this.#users = users;
    this.#options = options;
    this.#known = new Uint8Array(requests.length);
    this.#counts = { ...nothingSent(), planned: requests.length };
  }

  /** Takes in what became of one request. Of two results for one the first counts. */
  add(result: ResultLine): void {
    const { at, began, sent, took, status, code } = result;
    if (this.#known[at] === 1) return;
    this.#known[at] = 1;
    const counts = this.#counts;
    const request = this.#requests[at]!;
    const answer = answerOf(request.request, result);
    this.#options.ledger?.answer(answer);
    counts.sent += 1;
    counts.events += request.events;
    counts[answer.outcome] += 1;
    if (status === 0 && answer.outcome === 'refused') counts.unreachable += 1;
    const what = status === 0 ? `k6 error ${code}` : String(status);
    this.#statuses[what] = (this.#statuses[what] ?? 0) + 1;
    this.#last = Math.max(this.#last, at);
    this.#began = Math.min(this.#began, began);
    this.#ended = Math.max(this.#ended, sent + took);
    // k6 begins an iteration when it is due, or drops it; so a late one is k6's own doing.
    const lag = Math.max(0, sent - (began + at * this.#interval));
    recordMs(this.#lag, lag);
    if (status !== 0) recordMs(this.#latency, took + lag);
  }

  progress(): SendProgress {
    return { ...this.#counts, elapsed: this.#elapsed(), inFlight: 0, waiting: 0 };
  }

  /** Accounts for what k6 has told nothing of. */
  finish(interrupted: boolean): SendResult {
    const { ledger } = this.#options;
    const counts = this.#counts;
    const now = Date.now();
    this.#requests.forEach(({ request, events }, at) => {
      if (this.#known[at] === 1) return;
      if (interrupted && at <= this.#last + this.#users) {
        // No answer in the ledger: nobody knows.
        counts.sent += 1;
        counts.events += events;
        counts.unknown += 1;
        return;
      }
      counts[interrupted ? 'abandoned' : 'dropped'] += 1;
      const error = interrupted
        ? 'not sent: stopped'
        : 'not sent: k6 dropped it, all virtual users were busy';
      ledger?.answer({ request, sent: now, answered: now, status: null, outcome: 'refused', error });
    });
    return {
      ...counts,
      elapsed: this.#elapsed(),
      statuses: this.#statuses,
      latency: this.#latency,
      lag: this.#lag,
      maxInFlight: this.#users,
      stopped: interrupted,
    };
  }

  #elapsed(): number {
    return Math.max(0, this.#ended - this.#began);
  }
}
