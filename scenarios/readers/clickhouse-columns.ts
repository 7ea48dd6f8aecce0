import { type ExactJson, parseJson, stringifyJson } from '../../pipeline/contracts/json.ts';
import type { FlatMessage, FlatValue } from '../../pipeline/contracts/messages.ts';

/** Columns of `events` that are the table's own: what is left are the event's atomic fields. */
const OWN_COLUMNS = new Set([
  'event_date',
  'visitor',
  'rest',
  'verbatim',
  'log_partition',
  'log_offset',
  'inserted_at',
]);

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})Z$/;

/** The columns of `events` in the order in which they are selected, and how a row becomes an event. */
export class EventColumns {
  /** For a query. */
  readonly selected: string;
  /** By column: the field it is; undefined where it is the table's own. */
  readonly #fields: readonly (string | undefined)[];
  readonly #at: ReadonlyMap<string, number>;

  constructor(names: readonly string[]) {
    this.selected = names.map((name) => `\`${name}\``).join(', ');
    this.#fields = names.map((name) => (OWN_COLUMNS.has(name) ? undefined : `event-${name}`));
    this.#at = new Map(names.map((name, i) => [name, i]));
  }

  /** The row as flattened fields, those without a value left out. */
  flatOf(values: readonly ExactJson[]): FlatMessage {
    // A server can say in a last row why there are no more.
    if (values.length !== this.#fields.length)
      throw new Error(`a row that is none: ${stringifyJson([...values]).slice(0, 300)}`);
    const flat: FlatMessage = Object.create(null) as FlatMessage;
    for (const [i, name] of this.#fields.entries()) {
      const value = values[i]!;
      if (name === undefined || value === null || value === '') continue;
      flat[name] = typeof value === 'string' ? value.replace(INSTANT, shorten) : (value as FlatValue);
    }
    Object.assign(flat, this.#value(values, 'rest'));
    const verbatim = this.#value(values, 'verbatim');
    if (verbatim) Object.assign(flat, parseJson(verbatim as string));
    return flat;
  }

  /** Where its record stood, for people. */
  placeOf(values: readonly ExactJson[]): string {
    return `events ${this.#value(values, 'log_partition')}@${this.#value(values, 'log_offset')}`;
  }

  #value(values: readonly ExactJson[], name: string): ExactJson {
    return values[this.#at.get(name)!]!;
  }
}

/** Whole seconds are written without a fraction. */
function shorten(text: string, fraction: string): string {
  return fraction === '.000' ? text.replace('.000Z', 'Z') : text;
}
