import fc from 'fast-check';

const utf8 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

/** Lines of a log as bytes (latin1), without their ends: what a shipper may meet. */
export const LINES: readonly string[] = [
  '{"uri":"/i","partition_key":"plain"}',
  '{"uri":"/i","partition_key":"2001:db8::1"}',
  '{"a":"CR before the newline","partition_key":"cr"}\r',
  '{"a":"two CRs before the newline","partition_key":"cr"}\r\r',
  '{"a":"a CR\rwithin","partition_key":"cr"}',
  '  {"a":"spaces","partition_key":"s"}  ',
  '\t{"a":"tabs","partition_key":"t"}\t',
  '{"a":"\\u0000\\u001F\\n\\"\\\\ <>&/","partition_key":"escapes"}',
  '{"a":"raw control \x00\x01\x1b\x7f characters","partition_key":"control"}',
  utf8('{"a":"ü 日本 😀 \u2028\u2029\u0085\ufeff","partition_key":"utf8"}'),
  utf8('{"a":"x","partition_key":"ключ 日本"}'),
  '{"a":"\xff\xc3","partition_key":"invalid"}',
  '{"a":"\xed\xa0\x80\xf4\x90\x80\x80\xc0\xaf\xe2\x82","partition_key":"surrogates and overlong"}',
  '{"a":"x","partition_key":"\xff\xfe"}',
  '{"a":"\\"partition_key\\":\\"false\\"}","partition_key":"true"}',
  '{"a":"x","partition_key":"with spaces and , and : and }"}',
  '{"a":"x","partition_key":"escaped \\" quote"}',
  '{"a":"x","partition_key":"escaped \\u00fc and \\\\"}',
  `{"request_body":"${'x'.repeat(1_048_576)}","partition_key":"large"}`,
  `{"request_body":"${'\\u0001'.repeat(1_048_576)}","partition_key":"largest"}`,
  `{"a":"x","partition_key":"${'k'.repeat(10_000)}"}`,
  'no JSON at all',
  '{"a":"anonymous","partition_key":""}',
  '{"a":"no key"}',
  '{"partition_key":"not the last","a":"x"}',
  '{"a":"broken off","partition_key":"brok',
  '{}',
  'null',
  ' ',
  '\t',
  '"',
  '\x00',
];

/** Lines of any bytes but the end of a line, some like those of the log. */
export function randomLines(count: number, seed: number): string[] {
  const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
  const bytes = fc.string({ unit: byte.filter((one) => one !== '\n'), minLength: 1, maxLength: 60 });
  const key = fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)),
    maxLength: 20,
  });
  const logged = fc
    .tuple(fc.string({ unit: 'binary', maxLength: 40 }), key)
    .map(([text, id]) =>
      utf8(JSON.stringify({ a: text.toWellFormed(), partition_key: id.replace(/["\\]/g, '') })),
    );
  // An empty line is none, and one of a CR alone is an empty line.
  const line = fc.oneof(bytes, logged).filter((text) => !/^\r*$/.test(text));
  return fc.sample(line, { numRuns: count, seed });
}
