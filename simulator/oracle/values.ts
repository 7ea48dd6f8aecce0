/**
 * Readings of single parameter values. Each gives the value, null for "no value", `REFUSED` where the event
 * fails for it, or `UNSTATED` where it is accepted, but the oracle does not say what becomes of it.
 */
export const REFUSED = Symbol('refused');
export const UNSTATED = Symbol('unstated');

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const INTEGER = /^[+-]?\d+$/;
const ANY_SCRIPT_INTEGER = /^[+-]?\p{Nd}+$/u;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,9})?$/;
const ANY_SCRIPT_DECIMAL = /^[+-]?(?:\p{Nd}+\.?\p{Nd}*|\.\p{Nd}+)(?:[eE][+-]?\p{Nd}{1,9})?$/u;
const DIMENSIONS = /^(\d+)x(\d+)$/;
const MAX_INTEGER = 2_147_483_647;
const YEAR_0 = -62_167_219_200_000;
const YEAR_9999_END = 253_402_300_799_999;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

export function readUuid(text: string): string | typeof REFUSED {
  return UUID.test(text) ? text.toLowerCase() : REFUSED;
}

/** 32 bits, signed; `null` in letters is no value; digits of other scripts are accepted. */
export function readInteger(text: string): number | null | typeof REFUSED | typeof UNSTATED {
  if (INTEGER.test(text)) {
    const value = Number(text);
    return value <= MAX_INTEGER && value >= -MAX_INTEGER - 1 ? value + 0 : REFUSED;
  }
  if (text === 'null') return null;
  return ANY_SCRIPT_INTEGER.test(text) ? UNSTATED : REFUSED;
}

/** A decimal number of any length; stated only where a double holds it beyond doubt. */
export function readDecimal(text: string): number | null | typeof REFUSED | typeof UNSTATED {
  if (DECIMAL.test(text)) return text.length <= 15 && !/[eE]/.test(text) ? Number(text) + 0 : UNSTATED;
  if (text === 'null') return null;
  return ANY_SCRIPT_DECIMAL.test(text) ? UNSTATED : REFUSED;
}

export function readFlag(text: string): boolean | typeof REFUSED {
  return text === '1' ? true : text === '0' ? false : REFUSED;
}

export function readDimensions(text: string): readonly [number, number] | typeof REFUSED {
  const match = DIMENSIONS.exec(text);
  if (!match) return REFUSED;
  const width = Number(match[1]);
  const height = Number(match[2]);
  return width <= MAX_INTEGER && height <= MAX_INTEGER ? [width, height] : REFUSED;
}

/** Milliseconds since 1970 as `2023-11-14T22:13:20.500Z`, without the fraction where it is zero. */
export function readTimestamp(text: string): string | typeof REFUSED {
  if (!INTEGER.test(text)) return REFUSED;
  const milliseconds = Number(text);
  if (milliseconds < YEAR_0 || milliseconds > YEAR_9999_END) return REFUSED;
  const iso = new Date(milliseconds).toISOString();
  return iso.endsWith('.000Z') ? `${iso.slice(0, -5)}Z` : iso;
}
