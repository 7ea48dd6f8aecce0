import type { Expectation, TrafficKind } from '../ledger/records.ts';

/**
 * One HTTP request of the simulated traffic. The same settings give the same requests byte by byte; only when they are
 * really sent differs. A transport sends it as it stands and adds no header but those that depend on the connection:
 * `host`, `connection`, `content-length`, and the cookies that the collector has set.
 */
export interface PlannedRequest {
  /** Counts the run's requests from 0, in order of `due`. */
  readonly request: number;
  /** When it should be sent: ms since the run began. Never falls from one request to the next. */
  readonly due: number;
  readonly kind: TrafficKind;
  /**
   * Whose cookies the request carries: the key of a cookie jar. The collector's cookies of earlier answers to the same key
   * are appended to the `cookie` header. Null where none are sent or kept (`SP-Anonymous`, crawlers, probes).
   * A browser whose cookies were deleted goes on under another key.
   */
  readonly browser: string | null;
  readonly method: string;
  /** Path and query, as they are written on the request line: each character is one byte (latin1). */
  readonly target: string;
  /**
   * In the order and case in which the browser sends them; each character of a value is one byte (latin1). `cookie`, where
   * there is one, holds the cookies that the page itself has set.
   */
  readonly headers: readonly Header[];
  /** Text is sent as UTF-8. */
  readonly body: string | Buffer | null;
  /**
   * What the request as a whole should become. `processed` and `failed`: answered 2xx and logged; a batch can hold events
   * of both, and is `failed` where no event of it can be processed.
   */
  readonly expect: Expectation;
  /** How many events the tracker put into it (0 for what is no tracker request). */
  readonly events: number;
  /** The number of the earlier request whose events these are, sent once more. */
  readonly repeats?: number;
}

export type Header = readonly [name: string, value: string];
