import type { AccessLogLine } from '../contracts/access-log.ts';
import type { ExactJson } from '../contracts/json.ts';
import type { FailureError, FailureType } from '../contracts/messages.ts';
import type { SchemaKey } from '../contracts/schema-namespace.ts';
import type { SplitUrl } from './url.ts';
import type { UserAgentData } from './user-agent/parser.ts';

/** A value of an atomic field. */
export type AtomicValue = string | number | boolean;

/** The canonical event: atomic fields by their snake_case names; absent and undefined is null. */
export type AtomicEvent = Record<string, AtomicValue | undefined>;

/** Why a text is refused. */
export type Refusal = Omit<FailureError, 'field'>;

/** A self-describing event or context. */
export interface Entity {
  /** The Iglu URI as it was given. */
  readonly schema: string;
  readonly key: SchemaKey;
  readonly data: ExactJson;
}

/** Parameters of one event by name. A map, as names come from the network: `__proto__` is a name like any other. */
export type Parameters = ReadonlyMap<string, string>;

/** What is known about a line besides what it says. */
export interface LineContext {
  /** When the pipeline took the line in, ms: the raw record's timestamp. Becomes `etl_tstamp`. */
  readonly receivedAt: number;
  /** Byte offset of the line in its access log, where known: part of derived ids of lines without `request_id`. */
  readonly offset?: number | undefined;
}

/** The event in the making, as the enrichments see it. */
export interface Draft {
  readonly line: AccessLogLine;
  readonly receivedAt: number;
  readonly requestId: string;
  /** The event's place in its payload. */
  readonly index: number;
  readonly parameters: Parameters;
  readonly event: AtomicEvent;
  /** What `co` or `cx` holds, not yet checked. */
  rawContexts?: ExactJson;
  /** What `ue_pr` or `ue_px` holds, not yet checked. */
  rawEvent?: ExactJson;
  contexts: readonly Entity[];
  unstructEvent: Entity | null;
  readonly derivedContexts: Entity[];
  pageUrl: SplitUrl | null;
  referrerUrl: SplitUrl | null;
}

/**
 * One step: sets fields of the draft, or says why it cannot. Steps are pure but for the draft they are given; those of one
 * phase all run, and the next phase runs only when none failed.
 */
export type Enrichment = (draft: Draft) => readonly FailureError[] | undefined;

/** What enrichments need and share. */
export interface Resources {
  readonly parseUserAgent: (userAgent: string) => UserAgentData;
}

/** A finished event. */
export interface EnrichedEvent {
  readonly index: number;
  readonly parameters: Parameters;
  readonly event: AtomicEvent & { event_id: string };
  readonly contexts: readonly Entity[];
  readonly derivedContexts: readonly Entity[];
  readonly unstructEvent: Entity | null;
}

/** An event, or a whole payload, that could not be processed. */
export interface EventFailure {
  /** The event's place in its payload; null where the payload is refused whole. */
  readonly index: number | null;
  readonly type: FailureType;
  readonly errors: readonly FailureError[];
  /** The event's parameters, where they could be read. */
  readonly parameters: Parameters | null;
}

/** Why a line is no tracker request. */
export type IgnoredReason =
  | 'health'
  | 'preflight'
  | 'head'
  | 'method'
  | 'robots'
  | 'test_api'
  | 'unknown_path';

/** What became of one line. A tracker request has at least one event or failure. */
export type LineResult =
  | { readonly class: 'ignored'; readonly why: IgnoredReason }
  | { readonly class: 'refused'; readonly why: string }
  | {
      readonly class: 'tracker';
      /** The line's `request_id`, or one derived from the line and its offset. */
      readonly requestId: string;
      readonly events: readonly EnrichedEvent[];
      readonly failures: readonly EventFailure[];
    };
