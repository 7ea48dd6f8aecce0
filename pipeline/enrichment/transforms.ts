import type { ExactJson } from '../contracts/json.ts';
import { parseBoundedJson } from './bounded-json.ts';
import type { TransformName } from './tracker-parameters.ts';
import type { AtomicValue, Refusal } from './types.ts';

/** `undefined` is null: the parameter was sent and says that there is no value. */
export type Transformed =
  | { readonly values: readonly (AtomicValue | undefined)[] }
  | { readonly json: ExactJson }
  | { readonly refusal: Refusal };

const NONE: Transformed = { values: [undefined, undefined] };

function value(given: AtomicValue | undefined): Transformed {
  return { values: [given] };
}

function refuse(code: string, message: string): Transformed {
  return { refusal: { code, message } };
}

const EVENT_CODES: ReadonlyMap<string, string> = new Map([
  ['se', 'struct'],
  ['ev', 'struct'],
  ['ue', 'unstruct'],
  ['ad', 'ad_impression'],
  ['tr', 'transaction'],
  ['ti', 'transaction_item'],
  ['pv', 'page_view'],
  ['pp', 'page_ping'],
]);

const PLATFORMS: ReadonlySet<string> = new Set(['web', 'iot', 'app', 'mob', 'pc', 'cnsl', 'tv', 'srv']);

const CONTROL = /[\x00-\x1f\x7f]/;

/** Text fit for a tab-separated row: tabs become four spaces, other control characters go; nothing left is null. */
export function cleanText(text: string): string | undefined {
  const clean = CONTROL.test(text) ? text.replaceAll('\t', '    ').replace(/[\x00-\x1f\x7f]+/g, '') : text;
  return clean === '' ? undefined : clean;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** First and last millisecond of the years 0000 to 9999. */
const FIRST_INSTANT = -62_167_219_200_000;
const LAST_INSTANT = 253_402_300_799_999;

export function isRepresentable(instant: number): boolean {
  return instant >= FIRST_INSTANT && instant <= LAST_INSTANT;
}

/**
 * An instant as java.time prints it: no fraction when it is zero, years beyond four digits with their sign.
 * The offset of the year's digits is all that differs from ISO 8601 as JavaScript writes it.
 */
export function formatInstant(instant: number): string {
  const iso = new Date(instant).toISOString();
  const text = iso.endsWith('.000Z') ? `${iso.slice(0, -5)}Z` : iso;
  return text.startsWith('-00') ? `-${text.slice(3)}` : text;
}

/** Reads ms since the epoch; a refusal where it is none, or outside the years 0000 to 9999. */
export function parseInstant(text: string): number | Refusal {
  const digits = asciiDigits(text);
  if (!/^[+-]?\d{1,19}$/.test(digits))
    return { code: 'invalid_timestamp', message: 'not ms since the epoch' };
  const instant = Number(digits);
  if (isRepresentable(instant)) return instant;
  return { code: 'timestamp_out_of_range', message: 'outside the years 0000 to 9999' };
}

/** The digits of any script as ASCII ones, as Java's number parsers take them. */
function asciiDigits(text: string): string {
  if (!/[^\x00-\x7f]/.test(text) || text.length > 64) return text;
  return text.replace(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0)!;
    if (code > 0xffff) return digit;
    // Each script's ten digits start at a code point that ends in 0 or 6.
    const value = /\p{Nd}/u.test(String.fromCodePoint(code & ~0xf)) ? code & 0xf : (code & 0xf) - 6;
    return String(value);
  });
}

function integer(text: string): Transformed {
  if (text === 'null') return NONE;
  const digits = asciiDigits(text);
  const number = /^[+-]?\d{1,40}$/.test(digits) ? Number(digits) : Number.NaN;
  if (number >= -2_147_483_648 && number <= 2_147_483_647) return value(number + 0);
  return refuse('invalid_integer', 'not a 32-bit integer');
}

function decimal(text: string): Transformed {
  if (text === 'null') return NONE;
  const digits = asciiDigits(text);
  const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(digits) ? Number(digits) : Number.NaN;
  if (Number.isFinite(number)) return value(number + 0);
  return refuse('invalid_decimal', 'not a decimal number');
}

function dimensions(text: string): Transformed {
  const match = /^(\d{1,40})x(\d{1,40})$/.exec(text);
  if (!match) return refuse('invalid_dimensions', 'not of the form 1280x720');
  const [width, height] = [Number(match[1]), Number(match[2])];
  if (width <= 2_147_483_647 && height <= 2_147_483_647) return { values: [width, height] };
  return refuse('dimensions_out_of_range', 'width and height must be 32-bit integers');
}

function timestamp(text: string): Transformed {
  const instant = parseInstant(text);
  return typeof instant === 'number' ? value(formatInstant(instant)) : { refusal: instant };
}

function json(text: string): Transformed {
  const parsed = parseBoundedJson(text);
  return 'refusal' in parsed ? parsed : { json: parsed.value };
}

/** The first address of a list such as `X-Forwarded-For`. */
export function firstOfList(text: string): string | undefined {
  const comma = text.indexOf(',');
  return cleanText((comma < 0 ? text : text.slice(0, comma)).trim());
}

/** What each transform does with a parameter's text. */
export const TRANSFORMS: Readonly<Record<TransformName, (text: string) => Transformed>> = {
  text: (text) => value(cleanText(text)),
  integer,
  decimal,
  boolean: (text) =>
    text === '1' || text === '0' ? value(text === '1') : refuse('invalid_boolean', 'neither 1 nor 0'),
  timestamp,
  uuid: (text) => (isUuid(text) ? value(text.toLowerCase()) : refuse('invalid_uuid', 'not a UUID')),
  dimensions,
  eventCode: (text) => {
    const event = EVENT_CODES.get(text);
    return event ? value(event) : refuse('unknown_event_code', 'not an event code of the tracker protocol');
  },
  platform: (text) =>
    PLATFORMS.has(text) ? value(text) : refuse('unknown_platform', 'not a platform of the tracker protocol'),
  firstOfList: (text) => value(firstOfList(text)),
  json,
  base64Json: (text) => json(Buffer.from(text, 'base64url').toString()),
};
