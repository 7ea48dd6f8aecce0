/**
 * JSON that comes out as it went in. `JSON.parse` rounds integers beyond 2^53 and turns 1e999 into Infinity,
 * which `JSON.stringify` then writes as null: both would alter a click. Here such integers become `bigint`,
 * and numbers too large for a double stay the text they were.
 */

export type ExactJson =
  | string
  | number
  | bigint
  | boolean
  | null
  | ExactJson[]
  | { [name: string]: ExactJson };

type SourceReviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;
const parseWithSource = JSON.parse as (text: string, reviver?: SourceReviver) => ExactJson;
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** Parses JSON; throws SyntaxError as `JSON.parse` does. */
export function parseJson(text: string): ExactJson {
  const parsed = parseWithSource(text);
  if (!holdsInexactNumber(parsed)) return parsed;
  return parseWithSource(text, (_key, value, context) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value) || context.source === undefined)
      return value;
    if (/^-?\d+$/.test(context.source)) return BigInt(context.source);
    return Number.isFinite(value) ? value : context.source;
  });
}

/** Whether the text may have said another number: rounding only makes numbers as large as these. Nesting can be of any depth. */
function holdsInexactNumber(parsed: ExactJson): boolean {
  if (typeof parsed === 'number') return isInexact(parsed);
  if (typeof parsed !== 'object' || parsed === null) return false;
  const unseen: (ExactJson[] | { [name: string]: ExactJson })[] = [parsed];
  for (let whole = unseen.pop(); whole !== undefined; whole = unseen.pop()) {
    for (const part of Array.isArray(whole) ? whole : Object.values(whole)) {
      if (typeof part === 'number' && isInexact(part)) return true;
      if (typeof part === 'object' && part !== null) unseen.push(part);
    }
  }
  return false;
}

function isInexact(value: number): boolean {
  return value > Number.MAX_SAFE_INTEGER || value < -Number.MAX_SAFE_INTEGER;
}

/** Writes JSON; `bigint` as its digits. */
export function stringifyJson(value: ExactJson | object): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return JSON.stringify(value, (_key, part) =>
      typeof part === 'bigint' ? rawJSON(part.toString()) : part,
    );
  }
}
