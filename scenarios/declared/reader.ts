import { type ExactJson, stringifyJson } from '../../pipeline/contracts/json.ts';

/** An event as a declared hop shows it. */
export interface DeclaredRecord {
  /** Undefined where the record has none: it is nobody's. */
  readonly id: string | undefined;
  /** What stands in the declared fields, as text; undefined: nothing. */
  readonly fields: Readonly<Record<string, string | undefined>>;
  readonly where: string;
}

/** Reads a declared hop, again and again: each time all that came since the run began. */
export interface DeclaredReader {
  readonly name: string;
  /** The fields that it shows, without `event-`. */
  readonly fields: readonly string[];
  readonly repeats: 'either' | 'kept' | 'removed';
  /** Remembers where the hop ends, before anything is sent. @throws ClickproofError HOP_UNREADABLE */
  begin(): Promise<void>;
  /** @throws ClickproofError HOP_UNREADABLE */
  records(): AsyncIterable<DeclaredRecord>;
  close(): Promise<void>;
}

/** A value as it is compared. Undefined for what is not there. */
export function shownText(value: ExactJson | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'object' ? stringifyJson(value) : String(value);
}
