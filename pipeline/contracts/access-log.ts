/**
 * The access log: one JSON object a line, as Nginx writes it with `log_format tracking escape=json`.
 * The built-in collector and the real Nginx write the same lines, so either can stand in for the other.
 * Every value is a string; a missing value is the empty string.
 */

/** The fields every line has, in the order they are written. Enrichment accepts lines with only these. */
export const REQUIRED_ACCESS_LOG_FIELDS = [
  'remote_addr',
  'scheme',
  /** Unix time in seconds with milliseconds when the request ended: `1700000001.250`. */
  'msec',
  /** The host the client asked for, without port, lower case. */
  'host',
  'server_name',
  /** ISO 8601 with offset, whole seconds: `2023-11-14T22:13:21+00:00`. */
  'time',
  'status',
  /** Bytes of the response body. */
  'size',
  'query_string',
  'request_body',
  'uri',
] as const;

/** The client-hint headers that are logged, as `sec_ch_ua…` fields. */
export const CLIENT_HINT_FIELDS = [
  'sec_ch_ua',
  'sec_ch_ua_mobile',
  'sec_ch_ua_platform',
  'sec_ch_ua_platform_version',
  'sec_ch_ua_full_version_list',
  'sec_ch_ua_model',
  'sec_ch_ua_arch',
  'sec_ch_ua_bitness',
] as const;

/** All fields of a line, in the order they are written. */
export const ACCESS_LOG_FIELDS = [
  ...REQUIRED_ACCESS_LOG_FIELDS,
  'method',
  'referer',
  'user_agent',
  'accept_language',
  'cookies',
  'x_forwarded_for',
  'content_type',
  'origin',
  /** 32 hex digits, made once per request; event ids that the tracker left out are derived from it. */
  'request_id',
  /** The network user id that the answer sets or renews; all zeros under SP-Anonymous is written empty. */
  'network_userid',
  'sp_anonymous',
  ...CLIENT_HINT_FIELDS,
  /** What the shipper uses as record key: the raw `duid` parameter of the query string, else the address. */
  'partition_key',
] as const;

export type AccessLogField = (typeof ACCESS_LOG_FIELDS)[number];
export type RequiredAccessLogField = (typeof REQUIRED_ACCESS_LOG_FIELDS)[number];

/** One parsed line. */
export type AccessLogLine = Record<RequiredAccessLogField, string> & Partial<Record<AccessLogField, string>>;

/** Fields written empty when the request carries `SP-Anonymous`. */
export const ANONYMISED_FIELDS = ['remote_addr', 'x_forwarded_for', 'cookies', 'network_userid'] as const;

/** What a line is, before anything is enriched. Conservation: lines = processed + failed + refused + ignored. */
export type LineClass = 'tracker' | 'refused' | 'ignored';

/** Size limits that belong together; every component derives its own from `bodyBytes`. */
export interface SizeLimits {
  /** Longest request URI in characters; beyond it 414. */
  readonly uriCharacters: number;
  /** Largest request body in bytes; beyond it 413. */
  readonly bodyBytes: number;
}

export const DEFAULT_SIZE_LIMITS: SizeLimits = { uriCharacters: 32_768, bodyBytes: 1_048_576 };

/** The longest access-log line a body of that size can become: a control byte is six characters when escaped. */
export function maxLineBytes(limits: SizeLimits): number {
  return 6 * limits.bodyBytes + 65_536 * 4;
}

/** The largest record the shipper can make of such a line: the envelope escapes the line's escapes again. */
export function maxRecordBytes(limits: SizeLimits): number {
  return 7 * limits.bodyBytes + 65_536 * 8;
}
