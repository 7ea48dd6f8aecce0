import { build, type Histogram } from 'hdr-histogram-js';

/** Latencies in whole microseconds, up to an hour, to three digits. */
export function latencyHistogram(): Histogram {
  return build({ lowestDiscernibleValue: 1, highestTrackableValue: HOUR, numberOfSignificantValueDigits: 3 });
}

const HOUR = 3_600_000_000;

/** Records milliseconds. */
export function recordMs(histogram: Histogram, milliseconds: number): void {
  histogram.recordValue(Math.min(HOUR, Math.max(1, Math.round(milliseconds * 1000))));
}

/** How sending stands. */
export interface SendCounts {
  /** Requests taken from the plan. */
  planned: number;
  /** Requests that went out (or tried to), those sent once more included; each has an intent. */
  sent: number;
  /** Events in them, as the tracker counts. */
  events: number;
  acknowledged: number;
  refused: number;
  /** Among the refused: no connection could be made. */
  unreachable: number;
  unknown: number;
  /** Requests the transport sent once more by itself. */
  resent: number;
  /** Requests that were not sent because they were too late. Nobody expects anything of them. */
  dropped: number;
  /** Requests taken from the plan, but not sent, because sending was stopped. */
  abandoned: number;
}

/** The counts before anything is sent. */
export function nothingSent(): SendCounts {
  return {
    planned: 0,
    sent: 0,
    events: 0,
    acknowledged: 0,
    refused: 0,
    unreachable: 0,
    unknown: 0,
    resent: 0,
    dropped: 0,
    abandoned: 0,
  };
}

/** What `onProgress` is told. */
export interface SendProgress extends Readonly<SendCounts> {
  /** Since sending began, ms. */
  readonly elapsed: number;
  readonly inFlight: number;
  /** Requests that are due, but wait. */
  readonly waiting: number;
}

/** What came of it all. */
export interface SendResult extends Readonly<SendCounts> {
  /** From the first request due to the last answer, ms. */
  readonly elapsed: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** How many of the requests sent were in no plan, by kind. */
  readonly unplanned?: Readonly<Record<string, number>>;
  /** From when a request should have been sent to its answer, µs. With speed `max` from when it was sent. */
  readonly latency: Histogram;
  /** By how much requests left later than they should have for the generator's own reasons, µs. */
  readonly lag: Histogram;
  readonly maxInFlight: number;
  /** Sending was stopped by the signal before the plan's end. */
  readonly stopped: boolean;
}
