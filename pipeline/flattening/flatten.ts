import { type ExactJson, stringifyJson } from '../contracts/json.ts';
import type {
  FlatMessage,
  FlatScalar,
  FlatValue,
  NamedValue,
  ProcessedMessage,
} from '../contracts/messages.ts';

/**
 * Namespaces of named values become one object: `{"<namespace>-<name>": value}`.
 *
 * - Nulls are dropped.
 * - Objects, and lists that hold anything but scalars, become JSON text; lists of scalars stay lists.
 * - A name that occurs again (two entities of one schema) becomes a list, in order, of what the single values would
 *   be; a list among them becomes JSON text, so that each entity stays one entry.
 *
 * @example
 * flatten({ event: [{ name: 'page_url', value: 'http://x/' }], … }) // { 'event-page_url': 'http://x/', … }
 */
export function flatten(processed: ProcessedMessage): FlatMessage {
  const flat: FlatMessage = {};
  let repeated: Set<string> | undefined;
  for (const namespace of Object.keys(processed)) {
    const prefix = `${namespace}-`;
    for (const { name, value } of processed[namespace] as NamedValue[]) {
      if (value === null) continue;
      const key = prefix + name;
      const earlier = flat[key];
      if (earlier === undefined) {
        flat[key] = flatValue(value);
      } else if (repeated?.has(key)) {
        (earlier as FlatScalar[]).push(entry(flatValue(value)));
      } else {
        repeated ??= new Set();
        repeated.add(key);
        flat[key] = [entry(earlier), entry(flatValue(value))];
      }
    }
  }
  return flat;
}

/** A value as a flattened message has it. */
export function flatValue(value: Exclude<ExactJson, null>): FlatValue {
  if (typeof value !== 'object') return value;
  if (Array.isArray(value) && value.every(isScalar)) return value;
  return stringifyJson(value);
}

function isScalar(value: ExactJson): value is FlatScalar {
  return typeof value !== 'object' || value === null;
}

/** A value as one entry of a list. */
function entry(value: FlatValue): FlatScalar {
  return Array.isArray(value) ? stringifyJson(value) : value;
}
