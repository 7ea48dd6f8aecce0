/** The rows that the comparison works on: what was meant, and what was seen at each hop. */

/** What one request or event was meant to become. Rows of one key add up. */
export interface ExpectedRow {
  readonly key: string;
  /** Hashes of the fields it must have (content.ts); null where only the key counts. */
  readonly stated: Uint32Array | null;
  /** Tells events that share an id apart: repeats of one event have one group. */
  readonly group: string;
  /** `acknowledged`: must be there. `unknown`: no answer came, it may be there or not. */
  readonly answer: 'acknowledged' | 'unknown';
  /** The tracker gave it no id: then every request that brings it makes an event of its own. */
  readonly nameless?: boolean;
}

/** One record seen at a hop. */
export interface ObservedRow {
  /** Index of the hop in the comparison's list. */
  readonly hop: number;
  readonly key: string;
  /** The group it says it belongs to. Asked only of a content that is new. */
  readonly group: string;
  /** Hash of the whole content, which no hop may change; empty where only the key counts. */
  readonly content: string;
  /** Hashes of the single fields, at the first hop that shows them. */
  readonly fields: Uint32Array | null;
  /** Where it was seen, for people: `tracking_raw 2@1834`. */
  readonly where: string;
  /** False for traffic that does not carry the run's mark: foreign, never spurious. */
  readonly marked: boolean;
  /** The first event of its line, or all that became of it. */
  readonly leads?: boolean;
}

export type Row = { readonly expected: ExpectedRow } | { readonly observed: ObservedRow };

/** The key of a row. */
export function keyOf(row: Row): string {
  return 'expected' in row ? row.expected.key : row.observed.key;
}

/** A row as tab-separated text in one line. Keys come from the network, so separators in them are escaped. */
export function encodeRow(row: Row): string {
  if ('expected' in row) {
    const { key, stated, group, answer, nameless } = row.expected;
    const flag = (answer === 'acknowledged' ? 'a' : 'u') + (nameless ? 'n' : '');
    return `E\t${protect(key)}\t${protect(group)}\t${flag}\t${encodeHashes(stated)}`;
  }
  const { hop, key, group, content, fields, where, marked, leads } = row.observed;
  const flag = (marked ? 'm' : 'f') + (leads ? 'l' : '');
  return `${hop}\t${protect(key)}\t${protect(group)}\t${flag}\t${encodeHashes(fields)}\t${content}\t${protect(where)}`;
}

/** Reads what `encodeRow` wrote. */
export function decodeRow(line: string): Row {
  const [kind, key, group, flag, hashes, content, where] = line.split('\t') as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const common = { key: restore(key), group: restore(group) };
  if (kind === 'E') {
    const answer = flag[0] === 'a' ? 'acknowledged' : 'unknown';
    const nameless = flag[1] === 'n' && { nameless: true };
    return { expected: { ...common, stated: decodeHashes(hashes), answer, ...nameless } };
  }
  const fields = decodeHashes(hashes);
  const leads = flag[1] === 'l' && { leads: true };
  const marked = flag[0] === 'm';
  return {
    observed: { ...common, hop: Number(kind), content, fields, where: restore(where), marked, ...leads },
  };
}

function encodeHashes(hashes: Uint32Array | null): string {
  if (hashes === null) return '-';
  return Buffer.from(hashes.buffer, hashes.byteOffset, hashes.byteLength).toString('base64');
}

function decodeHashes(text: string): Uint32Array | null {
  if (text === '-') return null;
  const bytes = Buffer.from(text, 'base64');
  // A view of 32-bit numbers must begin at a multiple of four.
  if (bytes.byteOffset % 4 === 0) return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  return new Uint32Array(Uint8Array.from(bytes).buffer);
}

function protect(text: string): string {
  return /[\t\n\\]/.test(text) ? JSON.stringify(text).slice(1, -1) : text;
}

function restore(text: string): string {
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
}
