/** What Filebeat 7.17 (and the built-in shipper) puts around a line of the access log. */
export interface FilebeatEnvelope {
  /** When the line was read: ISO 8601, milliseconds, Z. Equals the record's timestamp. */
  '@timestamp': string;
  '@metadata': { beat: string; type: '_doc'; version: string };
  log: { offset: number; file: { path: string } };
  /** The line, without its line end; invalid UTF-8 replaced by U+FFFD byte by byte. */
  message: string;
  input: { type: string };
  fields?: Record<string, unknown>;
  tags?: string[];
  host: { name: string };
  agent: { type: string; version: string; hostname: string; ephemeral_id: string; id: string; name: string };
  ecs: { version: string };
}
