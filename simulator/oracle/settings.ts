/** What the oracle must know of the pipeline's configuration. The defaults are the pipeline's own. */
export interface OracleSettings {
  /** Longest request target in characters; beyond it 414. */
  readonly uriCharacters: number;
  /** Largest request body in bytes; beyond it 413. */
  readonly bodyBytes: number;
  /**
   * Whether the collector takes bytes from 0x7f up in a request target. Nginx does; the built-in one, on Node's HTTP parser,
   * answers 400. Trackers percent-encode.
   */
  readonly rawBytesInTarget: boolean;
  /** The address from which the collector sees the requests come; null where that cannot be known. */
  readonly clientAddress: string | null;
  /** How many octets of an IPv4 address, from the right, become `x`. */
  readonly anonymisedOctets: number;
  /** How many segments of an IPv6 address, from the right, become `x`. */
  readonly anonymisedSegments: number;
  /** Query parameters of the page URL that name each campaign field; the first that is there wins. */
  readonly campaign: Readonly<Record<string, readonly string[]>>;
  /** Query parameters that carry a click id, with the network each stands for. */
  readonly clickIds: Readonly<Record<string, string>>;
  /** Parameters that do not count for the fingerprint. */
  readonly fingerprintExcludes: readonly string[];
}

export const DEFAULT_ORACLE_SETTINGS: OracleSettings = {
  uriCharacters: 32_768,
  bodyBytes: 1_048_576,
  rawBytesInTarget: false,
  clientAddress: null,
  anonymisedOctets: 1,
  anonymisedSegments: 1,
  campaign: {
    mkt_medium: ['utm_medium', 'medium'],
    mkt_source: ['utm_source', 'source'],
    mkt_term: ['utm_term', 'legacy_term'],
    mkt_content: ['utm_content'],
    mkt_campaign: ['utm_campaign', 'cid', 'legacy_campaign'],
  },
  clickIds: { gclid: 'Google', msclkid: 'Microsoft', dclid: 'DoubleClick' },
  fingerprintExcludes: ['eid', 'nuid', 'stm', 'cv'],
};
