/** The rows that the comparison works on: what was meant, and what was seen at each hop. */

/** What one request or event was meant to become. Rows of one key add up. */
export interface ExpectedRow {
  readonly key: string;
  /** Hash of the content it must have (see content.ts); empty where only the key counts. */
  readonly content: string;
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
  readonly content: string;
  /** Where it was seen, for people: `tracking_raw 2@1834`. */
  readonly where: string;
  /** False for traffic that does not carry the run's mark: foreign, never spurious. */
  readonly marked: boolean;
}

export type Row = { readonly expected: ExpectedRow } | { readonly observed: ObservedRow };

/** One line of tab-separated text. Keys come from the network, so separators in them are escaped. */
export function encodeRow(row: Row): string {
  if ('expected' in row) {
    const { key, content, group, answer } = row.expected;
    return `E\t${protect(key)}\t${content}\t${protect(group)}\t${answer === 'acknowledged' ? 'a' : 'u'}\n`;
  }
  const { hop, key, content, where, marked } = row.observed;
  return `${hop}\t${protect(key)}\t${content}\t${protect(where)}\t${marked ? 'm' : 'f'}\n`;
}

export function decodeRow(line: string): Row {
  const [kind, key, content, fourth, flag] = line.split('\t') as [string, string, string, string, string];
  if (kind === 'E') {
    const answer = flag === 'a' ? 'acknowledged' : 'unknown';
    return { expected: { key: restore(key), content, group: restore(fourth), answer } };
  }
  return {
    observed: {
      hop: Number(kind),
      key: restore(key),
      content,
      where: restore(fourth),
      marked: flag === 'm',
    },
  };
}

function protect(text: string): string {
  return /[\t\n\\]/.test(text) ? JSON.stringify(text).slice(1, -1) : text;
}

function restore(text: string): string {
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
}
