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
 */
export function flatOfProcessed(text: string): FlatMessage {
  const message = parseJson(text) as unknown as ProcessedMessage;
  const flat: FlatMessage = Object.create(null) as FlatMessage;
  for (const [namespace, values] of Object.entries(message)) {
    const byName = new Map<string, ExactJson[]>();
    for (const { name, value } of values) {
      if (value === null) continue;
      const list = byName.get(name);
      if (list) list.push(value);
      else byName.set(name, [value]);
    }
    for (const [name, list] of byName) {
      flat[`${namespace}-${name}`] = list.length === 1 ? flatValue(list[0]!) : list.map(repeatedValue);
    }
  }
  return flat;
}

/** A record of `tracking_flattened` or `tracking_persisted`. */
export function flatOfFlattened(text: string): FlatMessage {
  return parseJson(text) as FlatMessage;
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
