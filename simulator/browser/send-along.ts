import type { Answer } from '../ledger/records.ts';
import type { PlannedRequest } from '../plan/request.ts';
import type { SendCounts, SendOptions, SendProgress, SendResult, send } from '../transport/index.ts';
import { servePages } from './page-server.ts';
import { type Relay, startRelay } from './relay.ts';
import { launchBrowser, visit } from './visits.ts';

export interface BrowserOptions {
  /** The Chromium to run. */
  readonly chromium: string;
  /** How many, each a process with a profile of its own. */
  readonly browsers: number;
  /** The run's mark, which is the tracker's namespace. */
  readonly mark: string;
  readonly appId: string;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * A way of sending that has real browsers beside the plan: they visit until the plan is sent, through a relay that writes each of
 * their requests to the same ledger. What they send is counted with the rest.
 */
export function sendAlongBrowsers(sendPlan: typeof send, options: BrowserOptions): typeof send {
  return async (plan, sendOptions) => {
    const start = performance.now();
    const crowd = new Crowd(options, sendOptions);
    const { onProgress, ...rest } = sendOptions;
    // Where one of the two fails, the other has nothing more to do.
    const failing = new AbortController();
    const signal = AbortSignal.any([failing.signal, ...(sendOptions.signal ? [sendOptions.signal] : [])]);
    const stopAll = (error: unknown): never => {
      failing.abort();
      throw error;
    };
    let planned = false;
    const [sent, visited] = await Promise.allSettled([
      sendPlan(plan, {
        ...rest,
        signal,
        ...(onProgress && { onProgress: (progress: SendProgress) => onProgress(crowd.added(progress)) }),
      })
        .finally(() => {
          planned = true;
        })
        .catch(stopAll),
      crowd.visitUntil(() => planned, signal).catch(stopAll),
    ]);
    if (visited.status === 'rejected') throw visited.reason;
    if (sent.status === 'rejected') throw sent.reason;
    const statuses = { ...sent.value.statuses };
    for (const [status, count] of Object.entries(crowd.statuses))
      statuses[status] = (statuses[status] ?? 0) + count;
    const result: SendResult = {
      ...crowd.added(sent.value),
      statuses,
      elapsed: performance.now() - start,
      unplanned: { browser: crowd.counts.sent },
      stopped: sent.value.stopped,
    };
    onProgress?.({ ...result, inFlight: 0, waiting: 0 });
    return result;
  };
}

/** The browsers of a run, and what they have sent. */
class Crowd {
  readonly counts = { sent: 0, events: 0, acknowledged: 0, refused: 0, unreachable: 0, unknown: 0 };
  readonly statuses: Record<string, number> = {};
  readonly #options: BrowserOptions;
  readonly #sending: SendOptions;

  constructor(options: BrowserOptions, sending: SendOptions) {
    this.#options = options;
    this.#sending = sending;
  }

  /** Counts of others with those of the browsers. */
  added<Counts extends Readonly<SendCounts>>(others: Counts): Counts {
    const sums = Object.entries(this.counts).map(([name, count]) => [
      name,
      others[name as keyof SendCounts] + count,
    ]);
    return { ...others, ...Object.fromEntries(sums) };
  }

  /** Starts the browsers, lets them visit, and ends them. */
  async visitUntil(done: () => boolean, signal: AbortSignal): Promise<void> {
    const { browsers, chromium, mark, appId } = this.#options;
    const failing = Promise.withResolvers<never>();
    failing.promise.catch(() => {});
    const relay = await this.#startRelay(failing.reject);
    const pages = await servePages({ namespace: mark, appId, collector: relay.origin });
    const running: Awaited<ReturnType<typeof launchBrowser>>[] = [];
    const end = () => Promise.all(running.map((browser) => browser.close().catch(() => {})));
    try {
      if (signal.aborted) return;
      for (let n = 0; n < browsers; n++) running.push(await launchBrowser(chromium));
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) return;
      const visits = Promise.all(running.map((browser) => visit(browser, pages.origin, done)));
      await Promise.race([visits, failing.promise]).catch((error: unknown) => {
        // Browsers that were ended on purpose complain.
        if (!signal.aborted) throw error;
      });
    } finally {
      signal.removeEventListener('abort', end);
      await end();
      await relay.close();
      await pages.close();
      this.#sending.ledger?.flush();
    }
  }

  #startRelay(onFatal: (error: unknown) => void): Promise<Relay> {
    const { target, ledger, began = Date.now(), timeout = DEFAULT_TIMEOUT_MS } = this.#sending;
    return startRelay({
      target,
      ledger,
      began,
      timeout,
      onFatal,
      onSent: (plan) => this.#sent(plan),
      onAnswer: (answer) => this.#answered(answer),
    });
  }

  #sent(plan: PlannedRequest): void {
    this.counts.sent += 1;
    this.counts.events += plan.events;
  }

  #answered({ outcome, status, error }: Answer): void {
    this.counts[outcome] += 1;
    if (outcome === 'refused' && status === null) this.counts.unreachable += 1;
    const what = status === null ? (error ?? 'no answer') : String(status);
    this.statuses[what] = (this.statuses[what] ?? 0) + 1;
  }
}
