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
}

/** One record seen at a hop. */
export interface ObservedRow {
  /** Index of the hop in the comparison's list. */
  readonly hop: number;
  readonly key: string;
  /** Hash of the whole content, which no hop may change; empty where only the key counts. */
  readonly content: string;
  /** Hashes of the single fields, at the first hop that shows them. */
  readonly fields: Uint32Array | null;
  /** Where it was seen, for people: `tracking_raw 2@1834`. */
  readonly where: string;
  /** False for traffic that does not carry the run's mark: foreign, never spurious. */
  readonly marked: boolean;
}

export type Row = { readonly expected: ExpectedRow } | { readonly observed: ObservedRow };

/** One line of tab-separated text. Keys come from the network, so separators in them are escaped. */
export function encodeRow(row: Row): string {
  if ('expected' in row) {
    const { key, stated, group, answer } = row.expected;
    return `E\t${protect(key)}\t${protect(group)}\t${answer === 'acknowledged' ? 'a' : 'u'}\t${encodeHashes(stated)}\n`;
  }
  const { hop, key, content, fields, where, marked } = row.observed;
  return `${hop}\t${protect(key)}\t${content}\t${marked ? 'm' : 'f'}\t${encodeHashes(fields)}\t${protect(where)}\n`;
}

export function decodeRow(line: string): Row {
  const [kind, key, third, flag, hashes, where] = line.split('\t') as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (kind === 'E') {
    const answer = flag === 'a' ? 'acknowledged' : 'unknown';
    return { expected: { key: restore(key), stated: decodeHashes(hashes), group: restore(third), answer } };
  }
  return {
    observed: {
      hop: Number(kind),
      key: restore(key),
      content: third,
      fields: decodeHashes(hashes),
      where: restore(where),
      marked: flag === 'm',
    },
  };
}

function encodeHashes(hashes: Uint32Array | null): string {
  if (hashes === null) return '-';
  return Buffer.from(hashes.buffer, hashes.byteOffset, hashes.byteLength).toString('base64');
}

function decodeHashes(text: string): Uint32Array | null {
  if (text === '-') return null;
  // A copy, since a view of 32-bit numbers must begin at a multiple of four.
  return new Uint32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
}

function protect(text: string): string {
  return /[\t\n\\]/.test(text) ? JSON.stringify(text).slice(1, -1) : text;
}

function restore(text: string): string {
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
}
