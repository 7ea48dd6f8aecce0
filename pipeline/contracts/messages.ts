/** The messages of the topics from `tracking_processed` on (DESIGN, chapter 2). */

import type { ExactJson } from './json.ts';

/** One name and its value. A name can occur twice in a list (two entities of one schema). */
export interface NamedValue {
  name: string;
  value: ExactJson;
}

/** `tracking_processed`: lists of named values by namespace. */
export interface ProcessedMessage {
  /** `topic`, `partition`, `offset`, `timestamp`, `key` of the raw record, and `index`: the event's place in its request. */
  kafka_raw: NamedValue[];
  /** `path` and `offset` of the line in the access log. */
  log: NamedValue[];
  /** The fields of the access-log line. */
  request: NamedValue[];
  /** The tracker's parameters as received, decoded once. */
  query: NamedValue[];
  /** The canonical event under Snowplow's atomic field names. */
  event: NamedValue[];
  /** One a self-describing event or context, e.g. `com_snowplowanalytics_snowplow_web_page_1`. */
  [schemaNamespace: string]: NamedValue[];
}

/** A value of a flattened message: nested objects and lists of objects are carried as JSON text. */
export type FlatValue = string | number | bigint | boolean | FlatScalar[];
export type FlatScalar = string | number | bigint | boolean | null;

/** `tracking_flattened` and, with `profile-<name>` values added, `tracking_persisted`. */
export type FlatMessage = Record<string, FlatValue>;

/** Why a line or an event could not be processed. */
export type FailureType =
  /** The record is no envelope and no access-log line. */
  | 'line_format'
  /** The line is a tracker request, but its payload cannot be read as one. */
  | 'tracker_protocol'
  /** A self-describing event or context is malformed. */
  | 'schema_violation'
  /** A field cannot be converted, or an enrichment refused. */
  | 'enrichment'
  /** The record or line is larger than the limits allow; payload is its head and hash. */
  | 'size_violation'
  /** The unterminated end of a rotated access log. */
  | 'torn_line'
  /** A record of an inner topic is no message of that topic. */
  | 'message_format'
  /** A stage failed on a record in a way it does not know: a bug, kept with what caused it. */
  | 'stage_error'
  /** A sink refused the document for good. */
  | 'sink_refused';

export interface FailureError {
  /** Stable, lower snake case. */
  code: string;
  /** The parameter or field concerned, where there is one. */
  field?: string;
  /** What was expected or seen, for people. */
  message: string;
}

/** `tracking_failed`: nothing is thrown away. */
export interface FailedMessage {
  failure: {
    type: FailureType;
    /** The stage that gave up: `shipper`, `parser`, `flattener`, `persister`, `clickhouse`… */
    stage: string;
    errors: FailureError[];
    /** ISO 8601; taken from the record, so that a replay makes the same message. */
    timestamp: string;
  };
  /** What could not be processed, as it was received (for an event of a batch: `request_id`, `index`, parameters and the line). */
  payload: ExactJson;
  source: { topic: string; partition: number; offset: number };
}
