import { type ExactJson, parseJson, stringifyJson } from '../../pipeline/contracts/json.ts';
import type {
  FlatMessage,
  FlatScalar,
  FlatValue,
  ProcessedMessage,
} from '../../pipeline/contracts/messages.ts';

/**
 * A record of `tracking_processed` as the checker flattens it: `<namespace>-<name>`, repeated names as lists in order, nested
 * values as JSON text, nulls left out. Written from the contract, not from the stage.
 *
 * @throws Error the text is no such record
 */
export function flatOfProcessed(text: string): FlatMessage {
  const message = objectOf(text) as unknown as ProcessedMessage;
  const flat: FlatMessage = Object.create(null) as FlatMessage;
  for (const namespace in message) {
    const first = new Map<string, ExactJson>();
    const repeated = new Map<string, FlatScalar[]>();
    for (const { name, value } of message[namespace]!) {
      if (value === null) continue;
      const before = first.get(name);
      if (before === undefined) {
        first.set(name, value);
        continue;
      }
      const list = repeated.get(name);
      if (list) list.push(repeatedValue(value));
      else repeated.set(name, [repeatedValue(before), repeatedValue(value)]);
    }
    for (const [name, value] of first) {
      flat[`${namespace}-${name}`] = repeated.get(name) ?? flatValue(value);
    }
  }
  return flat;
}

/** A record of `tracking_flattened` or `tracking_persisted`. @throws Error the text is no such record */
export function flatOfFlattened(text: string): FlatMessage {
  return objectOf(text) as FlatMessage;
}

function objectOf(text: string): object {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('no JSON object');
  return value;
}

function flatValue(value: ExactJson): FlatValue {
  if (Array.isArray(value) && value.every(isScalar)) return value as FlatScalar[];
  return typeof value === 'object' ? stringifyJson(value as object) : value;
}

/** In a list of repeated names a value that is itself a list is nested, too. */
function repeatedValue(value: ExactJson): FlatScalar {
  return typeof value === 'object' && value !== null ? stringifyJson(value) : value;
}

function isScalar(value: ExactJson): boolean {
  return value === null || typeof value !== 'object';
}
