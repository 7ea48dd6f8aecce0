import { parseJson } from '../contracts/json.ts';
import type { ProcessedMessage } from '../contracts/messages.ts';
import { failedMessage, type SourceRecord, type StageResult } from '../stages/stage-function.ts';
import { flatten } from './flatten.ts';
import { flattenText } from './flatten-text.ts';

/** One record of `tracking_processed` to one of `tracking_flattened`, under the same key; what is none, to `tracking_failed`. */
export function flattenerStage(record: SourceRecord): StageResult {
  const problem = (field: string | undefined, message: string): StageResult => ({
    outputs: [],
    failed: [
      failedMessage(record, {
        type: 'message_format',
        stage: 'flattener',
        errors: [{ code: 'not_a_processed_message', ...(field !== undefined && { field }), message }],
      }),
    ],
    count: 'failed',
  });

  if (record.value === null) return problem(undefined, 'the record has no value');
  const text = flattenText(record.value);
  if (text !== undefined) {
    return { outputs: [{ key: record.key, message: text }], failed: [], count: 'processed' };
  }
  let message: unknown;
  try {
    message = parseJson(record.value.toString());
  } catch (error) {
    return problem(undefined, `no JSON: ${(error as Error).message}`);
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    return problem(undefined, 'not an object of namespaces');
  }
  if (!Object.hasOwn(message, 'event')) return problem('event', 'this namespace is missing');
  const namespaces = message as Record<string, unknown>;
  for (const namespace of Object.keys(namespaces)) {
    if (!isNamedValues(namespaces[namespace])) {
      return problem(namespace, 'not a list of {"name", "value"}');
    }
  }
  return {
    outputs: [{ key: record.key, message: flatten(namespaces as ProcessedMessage) }],
    failed: [],
    count: 'processed',
  };
}

function isNamedValues(list: unknown): boolean {
  if (!Array.isArray(list)) return false;
  for (const item of list) {
    if (
      typeof item !== 'object' ||
      item === null ||
      typeof item.name !== 'string' ||
      item.value === undefined
    ) {
      return false;
    }
  }
  return true;
}
