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

/**
 * Only text with a long run of digits or a large exponent, where JSON can have a number, can hold one that a double does
 * not keep. UUIDs look like numbers with exponents, so what stands before the digits decides how often this is slow.
 */
const MAY_HOLD_INEXACT_NUMBER = /[\s:,[]-?(?:\d{16}|\d+(?:\.\d+)?[eE]\+?\d{3})/;
/** Apart, as the expression above is twice as fast when it need not try the beginning at every place. */
const IS_NUMBER = /^-?\d/;

type SourceReviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;
const parseWithSource = JSON.parse as (text: string, reviver?: SourceReviver) => ExactJson;
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** Parses JSON; throws SyntaxError as `JSON.parse` does. */
export function parseJson(text: string): ExactJson {
  if (!MAY_HOLD_INEXACT_NUMBER.test(text) && !IS_NUMBER.test(text)) return parseWithSource(text);
  return parseWithSource(text, (_key, value, context) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value) || context.source === undefined)
      return value;
    if (/^-?\d+$/.test(context.source)) return BigInt(context.source);
    return Number.isFinite(value) ? value : context.source;
  });
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
