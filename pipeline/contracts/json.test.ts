import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, stringifyJson } from './json.ts';

const digits = fc.stringMatching(/^[1-9]\d{0,30}$/);
const integer = fc.tuple(fc.constantFrom('', '-'), digits).map((parts) => parts.join(''));
const exponent = fc
  .tuple(digits, fc.constantFrom('e', 'E', 'e+'), fc.integer({ min: 300, max: 99_999 }))
  .map((parts) => parts.join(''));

describe('JSON that comes out as it went in', () => {
  it.each([
    ...['%s', '[%s]', '[1,%s]', '{"a":%s}', '{"a": %s}', '[ %s ]', '[\n%s\n]'],
    ...['{"a":[{"b":%s}],"c":1}', '[[{"__proto__":{"a":%s}}]]'],
  ])('keeps integers in %s', (frame) => {
    fc.assert(
      fc.property(integer, (number) => {
        const text = frame.replace('%s', number);
        expect(stringifyJson(parseJson(text))).toBe(text.replace(/[ \n]/g, ''));
      }),
    );
  });

  it('keeps a number beyond a double as the text it was', () => {
    fc.assert(
      fc.property(exponent, (number) => {
        fc.pre(!Number.isFinite(Number(number)));
        expect(parseJson(`{"a":${number},"b":[${number}]}`)).toEqual({ a: number, b: [number] });
      }),
    );
  });

  it('agrees with JSON.parse wherever doubles are enough', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/\d{16}|\d[eE]\+?\d{3}/.test(text));
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('minds no depth', () => {
    expect(() => parseJson(`${'['.repeat(50_000)}1${']'.repeat(50_000)}`)).not.toThrow();
  });

  it('leaves strings that look like numbers alone', () => {
    const text = '{"a":"12345678901234567890","b":"x:12345678901234567890,1e999","c":"1e999"}';
    expect(stringifyJson(parseJson(text))).toBe(text);
  });
});
