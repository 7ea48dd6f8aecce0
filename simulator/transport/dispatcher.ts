import type { Answer } from '../ledger/records.ts';
import type { PlannedRequest } from '../plan/request.ts';
import { type RunClock, unixTime } from './clock.ts';
import type { Connection, Exchange } from './connection.ts';
import { CookieJar, networkUserIdOf } from './cookie-jar.ts';
import { type Job, Lanes } from './lanes.ts';
import type { ConnectionPool } from './pool.ts';
import { latencyHistogram, nothingSent, recordMs, type SendCounts } from './result.ts';
import { wireRequest } from './wire.ts';

/** What the transport needs of a ledger; `LedgerWriter` is one. */
export interface IntentLedger {
  intend(plan: PlannedRequest, due: number): void;
  answer(answer: Answer): void;
  flush(): void;
}

export interface DispatcherOptions {
  readonly clock: RunClock;
  readonly pool: ConnectionPool;
  readonly host: string;
  readonly ledger: IntentLedger | undefined;
  readonly jar: CookieJar | undefined;
  /** Due times do not count: a request is due when there is room for it. */
  readonly closedLoop: boolean;
  /** Most requests under way. */
  readonly concurrency: number;
  /** How long an answer may take, ms. */
  readonly timeout: number;
  /** A request that is later than this is not sent, ms. */
  readonly dropAfter: number;
  /** Sends what got no answer once more, as a tracker does. */
  readonly resend: { readonly times: number; readonly after: number } | undefined;
  /** Called whenever a request is done or given up. */
  readonly onRoom: () => void;
  /** The ledger cannot be written: nothing more may be sent. */
  readonly onFatal: (error: unknown) => void;
}

/** Requests that the transport sends once more by itself are numbered from here. */
export const FIRST_RESEND = 2 ** 40;

/** How long a slot stays taken after no connection could be made: a target that is down must not be hammered. */
const UNREACHABLE_PAUSE_MS = 50;

/** Takes what is due to the wire: order within a browser, bounded connections, intents before bytes, answers after. */
export class Dispatcher {
  readonly counts: SendCounts = nothingSent();
  readonly statuses: Record<string, number> = {};
  readonly latency = latencyHistogram();
  readonly lag = latencyHistogram();
  maxInFlight = 0;
  readonly #options: DispatcherOptions;
  readonly #jar: CookieJar;
  readonly #lanes = new Lanes();
  /** In the order in which they were sent: the oldest first. */
  readonly #underWay = new Map<Job, Connection>();
  readonly #resends = new Set<NodeJS.Timeout>();
  #slots = 0;
  #batch: Job[] = [];
  #stopped = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#jar = options.jar ?? new CookieJar();
  }

  get inFlight(): number {
    return this.#slots;
  }

  get waiting(): number {
    return this.#lanes.size;
  }

  /** Nothing is under way, and nothing waits. */
  get idle(): boolean {
    return this.#slots === 0 && this.#lanes.size === 0 && this.#resends.size === 0;
  }

  /** Takes in a request that is due. */
  add(plan: PlannedRequest, due: number): void {
    this.counts.planned++;
    this.#lanes.add({ plan, due, ready: due, sent: 0, resends: 0 });
    this.#pump();
  }

  /** Sends nothing more; what is under way may finish. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#resends) clearTimeout(timer);
    this.#resends.clear();
    this.#slots -= this.#batch.length;
    this.counts.abandoned += this.#batch.length + this.#lanes.clear();
    this.#batch = [];
  }

  /** Gives up on requests that have waited too long for their answer. */
  expire(): void {
    const before = this.#options.clock.now() - this.#options.timeout;
    for (const [job, connection] of this.#underWay) {
      if (job.sent > before) return;
      connection.destroy('time-out');
    }
  }

  #pump(): void {
    const { concurrency, clock, dropAfter, closedLoop } = this.#options;
    const first = this.#batch.length === 0;
    while (this.#slots < concurrency && !this.#stopped) {
      const job = this.#lanes.next();
      if (job === undefined) break;
      const now = clock.now();
      if (closedLoop) job.due = job.ready = now;
      else if (now - job.due > dropAfter && job.resends === 0) {
        this.counts.dropped++;
        this.#lanes.done(job, now);
        continue;
      }
      this.#slots++;
      this.#batch.push(job);
    }
    if (this.#slots > this.maxInFlight) this.maxInFlight = this.#slots;
    if (first && this.#batch.length > 0) setImmediate(() => this.#commit());
  }

  /** All intents of this turn of the event loop go to the operating system with one write; then the requests go out. */
  #commit(): void {
    const { ledger, clock, onFatal } = this.#options;
    const batch = this.#batch;
    this.#batch = [];
    try {
      if (ledger !== undefined) {
        for (const { plan, due } of batch) ledger.intend(plan, clock.sinceBegan(due));
        ledger.flush();
      }
    } catch (error) {
      this.#slots -= batch.length;
      this.counts.abandoned += batch.length;
      onFatal(error);
      return;
    }
    for (const job of batch) this.#transmit(job);
  }

  #transmit(job: Job): void {
    const { clock, pool, host } = this.#options;
    const { plan } = job;
    const cookies = plan.browser === null ? undefined : this.#jar.cookies(plan.browser);
    job.sent = clock.now();
    const connection = pool.acquire(job.sent);
    this.#underWay.set(job, connection);
    this.counts.sent++;
    this.counts.events += plan.events;
    recordMs(this.lag, job.sent - job.ready);
    connection.exchange(plan.method, wireRequest(plan, host, cookies), (exchange) =>
      this.#finished(job, connection, exchange),
    );
  }

  #finished(job: Job, connection: Connection, exchange: Exchange): void {
    const { clock, pool, ledger } = this.#options;
    const now = clock.now();
    this.#underWay.delete(job);
    pool.release(connection, now);
    const answer = this.#record(job, exchange, now);
    ledger?.answer(answer);
    if ('error' in exchange && !exchange.sent) {
      setTimeout(() => this.#settle(job, answer.outcome), UNREACHABLE_PAUSE_MS);
    } else this.#settle(job, answer.outcome, answer.status === null);
  }

  #record(job: Job, exchange: Exchange, now: number): Answer {
    const { plan } = job;
    const times = { request: plan.request, sent: unixTime(job.sent), answered: unixTime(now) };
    if ('error' in exchange) {
      this.#count(exchange.error);
      this.counts[exchange.sent ? 'unknown' : 'refused']++;
      if (!exchange.sent) this.counts.unreachable++;
      return {
        ...times,
        status: null,
        outcome: exchange.sent ? 'unknown' : 'refused',
        error: exchange.error,
      };
    }
    const { status, setCookies } = exchange;
    const outcome = status < 400 ? 'acknowledged' : 'refused';
    this.#count(String(status));
    this.counts[outcome]++;
    recordMs(this.latency, now - job.due);
    if (plan.browser !== null) this.#jar.store(plan.browser, setCookies, times.answered);
    const networkUserId = networkUserIdOf(setCookies, times.answered);
    return { ...times, status, outcome, ...(networkUserId !== undefined && { networkUserId }) };
  }

  /** Frees what the request held, or sends it once more. */
  #settle(job: Job, outcome: Answer['outcome'], unanswered = true): void {
    const { resend, clock, onRoom } = this.#options;
    this.#slots--;
    if (unanswered && !this.#stopped && resend !== undefined && job.resends < resend.times) {
      const timer = setTimeout(() => {
        this.#resends.delete(timer);
        this.#lanes.again(this.#onceMore(job, outcome));
        this.#pump();
      }, resend.after);
      this.#resends.add(timer);
    } else this.#lanes.done(job, clock.now());
    this.#pump();
    onRoom();
  }

  #onceMore(job: Job, outcome: Answer['outcome']): Job {
    const { plan } = job;
    const request = FIRST_RESEND + this.counts.resent++;
    const due = this.#options.clock.now();
    const first = plan.repeats ?? plan.request;
    return {
      // What never left this machine has not been sent a first time.
      plan: { ...plan, request, kind: 'retry', ...(outcome === 'unknown' && { repeats: first }) },
      due,
      ready: due,
      sent: 0,
      resends: job.resends + 1,
    };
  }

  #count(what: string): void {
    this.statuses[what] = (this.statuses[what] ?? 0) + 1;
  }
}
