/**
 * The ledger: what the generator of traffic meant to send, written before it is sent, and what it was answered,
 * written after. Two files of one JSON object a line, `intents.ndjson` and `answers.ndjson`; `run.json` says whose.
 */

import type { FlatValue } from '../../pipeline/contracts/messages.ts';
import type { OracleSettings } from '../oracle/settings.ts';

/** What should become of a request, or of an event in it. */
export type Expectation =
  /** Reaches every hop. */
  | 'processed'
  /** Reaches `tracking_failed`. */
  | 'failed'
  /** Answered 4xx or 5xx: no obligation. */
  | 'refused'
  /** Answered, but no tracker request: counted, not processed. */
  | 'ignored';

/** Why a request is as it is; the shares are settings of the simulator. */
export type TrafficKind =
  | 'visitor'
  | 'bot'
  /** The same request again, as a tracker that saw no answer sends it. */
  | 'retry'
  /** Kept back by a tracker that was offline, sent late. */
  | 'offline'
  | 'malformed'
  | 'oversized'
  | 'invalid_utf8'
  /** Health checks, preflights, unknown paths. */
  | 'noise'
  /** Recorded requests, sent again. */
  | 'replay'
  | 'probe'
  /** From a real browser with the real tracker. */
  | 'browser';

/** One event that the pipeline should make of a request. */
export interface ExpectedEvent {
  /** Its `event_id`; null where the pipeline derives one that nobody can know beforehand. */
  readonly id: string | null;
  /** Place in the request's payload; null for the failure of a payload that cannot be read as a whole. */
  readonly index: number | null;
  /** The record key from `tracking_processed` on; null where it depends on the collector's answer. */
  readonly visitor: string | null;
  /**
   * Grows in the order in which the run's events were sent, so that of two events of one visitor the one sent first has the
   * smaller one. Gaps between a visitor's events mean nothing.
   */
  readonly sequence: number;
  readonly expect: 'processed' | 'failed';
  /**
   * The request number of the first time this event (id, fingerprint) was sent, where this is a repeat: then it is expected on
   * every hop up to `tracking_flattened`, and once in all from `tracking_persisted` on.
   */
  readonly repeats?: number;
  /** Values it must have, by flattened name (`event-page_url`, `com_acme_product_1-sku`). */
  readonly fields: Readonly<Record<string, FlatValue>>;
  /** Why it should fail, for people. */
  readonly why?: string | null;
}

/**
 * One HTTP request, written before it is sent. The file holds the request; `digest`, `expect` and `events` are computed from
 * it by the oracle when it is read (see `readIntents`).
 */
export interface Intent {
  /** Counts the run's requests from 0. What the transport sends once more by itself is numbered from 2^40 on, what real browsers send from 2^41. */
  readonly request: number;
  readonly kind: TrafficKind;
  /** When it should be sent: ms since the run began. Latency counts from here. */
  readonly due: number;
  /** Whose cookie jar it was sent with. */
  readonly browser?: string | null;
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  /** Finds the request again in the access log and in failures: see `requestDigest`. */
  readonly digest: string;
  readonly expect: Expectation;
  /** Why not `processed`, for people. */
  readonly why?: string | null;
  readonly events: readonly ExpectedEvent[];
}

/** What became of a request at the collector, written after. */
export interface Answer {
  readonly request: number;
  /** When it was really sent and when it was answered: Unix time, ms. */
  readonly sent: number;
  readonly answered: number;
  /** Null: no answer, so nobody knows (`unknown`). */
  readonly status: number | null;
  /**
   * `acknowledged` 2xx and 3xx; `refused` 4xx and 5xx, or no connection could be made, so that surely nothing was sent
   * (`status` null); `unknown` connection lost or time-out after sending.
   */
  readonly outcome: 'acknowledged' | 'refused' | 'unknown';
  /** The network user id that the answer set. */
  readonly networkUserId?: string;
  readonly error?: string;
}

/** `run.json`. */
export interface RunRecord {
  readonly schema: 1;
  /**
   * Names the traffic: every event carries it as its tracker namespace (`tna`, field `name_tracker`). Empty: the pipeline
   * was the run's alone, so whatever is in it is its traffic.
   */
  readonly mark: string;
  readonly seed: number;
  /** Unix time, ms, of `due` 0. */
  readonly began: number;
  readonly target: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** What the oracle must know of the pipeline, where it is not as by default. */
  readonly oracle?: Partial<OracleSettings>;
}
