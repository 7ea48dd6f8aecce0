import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeBytes, escapeHeader } from './escape.ts';

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array).toString('latin1'));
/** Full of what is special. */
const awkward = fc
  .array(
    fc.constantFrom('"', '\\', 'u', '0', '1', 'f', 'b', '\x0b', '\x1f', '\x00', '\n', '\x7f', '\xff', 'é'),
    {
      maxLength: 40,
    },
  )
  .map((parts) => parts.join(''));

/** One character at a time, as the rule reads. */
function reference(text: string): string {
  const short: Record<string, string> = {
    '\n': 'n',
    '\r': 'r',
    '\t': 't',
    '\b': 'b',
    '\f': 'f',
    '"': '"',
    '\\': '\\',
  };
  let out = '';
  for (const character of text) {
    const code = character.charCodeAt(0);
    if (short[character]) out += `\\${short[character]}`;
    else if (code < 0x20) out += `\\u00${code.toString(16).toUpperCase().padStart(2, '0')}`;
    else out += character;
  }
  return out;
}

test.each([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n\r\t\b\f', '\\n\\r\\t\\b\\f'],
  ['\x00', '\\u0000'],
  ['\x1f', '\\u001F'],
  ['\x0b', '\\u000B'],
  ['\\u001f', '\\\\u001f'],
  ['\\\x1f', '\\\\\\u001F'],
  ['\x7f\x80\xff/', '\x7f\x80\xff/'],
])('%j is written %s', (text, escaped) => {
  expect(escapeBytes(text)).toBe(escaped);
});

test('any bytes are escaped as the rule says, and JSON gives them back', () => {
  fc.assert(
    fc.property(fc.oneof(bytes, awkward), (text) => {
      expect(escapeBytes(text)).toBe(reference(text));
      expect(JSON.parse(`"${escapeBytes(text)}"`)).toBe(text);
    }),
    { numRuns: 2_000 },
  );
});

test('what the parser lets through is escaped alike', () => {
  const visible = fc
    .array(
      fc.oneof(fc.constant(0x09), fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0x80, max: 0xff })),
    )
    .map((codes) => String.fromCharCode(...codes));
  fc.assert(
    fc.property(visible, (text) => {
      expect(escapeHeader(text)).toBe(reference(text));
    }),
  );
});
