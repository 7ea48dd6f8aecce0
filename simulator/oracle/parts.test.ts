import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSchemaKey, schemaNamespace } from '../../pipeline/contracts/schema-namespace.ts';
import { anonymise } from './address.ts';
import { readContexts } from './entities.ts';
import { fingerprint } from './fingerprint.ts';
import { parseQuery } from './query.ts';
import { textOfBytes, textOfLatin1 } from './text.ts';
import { parseUri } from './uri.ts';
import { REFUSED, readDecimal, readInteger, readTimestamp, UNSTATED } from './values.ts';

const fixture = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')) as T;

describe('anonymise', () => {
  interface Case {
    spec: string;
    ip: string | null;
    anonOctets: number;
    anonSegments: number;
    expected: string | null;
  }
  const cases = fixture<{ cases: Case[] }>('anonymised-addresses.json').cases;

  it.each(cases.filter(({ ip }) => ip))('$ip by $anonOctets/$anonSegments', (given) => {
    const masked = anonymise(given.ip!, given.anonOctets, given.anonSegments);
    if (masked !== undefined) expect(masked).toBe(given.expected);
    else expect(given.spec).toMatch(/invalid|hybrid|compat|ipv6, anonymize 8/);
  });
});

describe('fingerprint', () => {
  interface Case {
    id: string;
    input: { querystring?: string; body?: string };
    event_fingerprint: string;
  }

  it.each(fixture<{ observed: Case[] }>('event-fingerprints.json').observed)('$id', (given) => {
    const { querystring, body } = given.input;
    const parameters =
      querystring === undefined
        ? Object.entries((JSON.parse(body!) as { data: Record<string, string>[] }).data[0]!)
        : (parseQuery(querystring) as [string, string][]);
    expect(fingerprint(new Map(parameters), ['eid', 'nuid', 'stm', 'cv'])).toBe(given.event_fingerprint);
  });
});

describe('parseUri', () => {
  const { stringToUri, explodeUri } = fixture<{
    stringToUri: { input: string | null; expected: string }[];
    explodeUri: Record<string, unknown>[];
  }>('page-urls.json');

  it.each(stringToUri.filter(({ input }) => input))('$input', ({ input, expected }) => {
    expect(parseUri(input!)?.uri).toBe(expected);
  });

  it.each(explodeUri)('$uri', ({ uri, scheme, host, port, path, query, fragment }) => {
    const parts = parseUri(uri as string)!;
    const empty = (text: string | null): string | null => (text === '' ? null : text);
    expect({ ...parts, path: empty(parts.path) }).toEqual({ uri, scheme, host, port, path, query, fragment });
  });

  it('ends on any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseUri(text)));
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab.:/?#@%[]-0') }), (text) => void parseUri(text)),
    );
  });

  it('does not backtrack', () => {
    for (const text of [
      `http://${'a.'.repeat(20_000)}_`,
      `http://${'a-'.repeat(20_000)}`,
      `http://a/${'%'.repeat(20_000)}`,
    ])
      parseUri(text);
  });
});

describe('textOfBytes', () => {
  it.each([
    ['ff', '\uFFFD'],
    ['e298', '\uFFFD\uFFFD'],
    ['e29883', '☃'],
    ['c0af', '\uFFFD\uFFFD'],
    ['eda080', '\uFFFD\uFFFD\uFFFD'],
    ['f09f98', '\uFFFD\uFFFD\uFFFD'],
    ['61f09f988062', 'a😀b'],
    ['f4908080', '\uFFFD\uFFFD\uFFFD\uFFFD'],
  ])('%s', (hex, text) => {
    expect(textOfBytes(Buffer.from(hex, 'hex'))).toBe(text);
  });

  it('keeps valid text and replaces each other byte by itself', () => {
    const part = fc.oneof(
      fc.string({ unit: 'grapheme' }).map((text) => [Buffer.from(text, 'utf8'), text] as const),
      fc.integer({ min: 0xf8, max: 0xff }).map((byte) => [Buffer.from([byte]), '\uFFFD'] as const),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const bytes = Buffer.concat(parts.map(([piece]) => piece));
        expect(textOfBytes(bytes)).toBe(parts.map(([, text]) => text).join(''));
        expect(textOfLatin1(bytes.toString('latin1'))).toBe(textOfBytes(bytes));
      }),
    );
  });
});

describe('values', () => {
  it.each([
    ['42', 42],
    ['-0', 0],
    ['+5', 5],
    ['2147483647', 2_147_483_647],
    ['2147483648', REFUSED],
    ['4.5', REFUSED],
    ['', REFUSED],
    ['null', null],
    ['٤٢', UNSTATED],
  ])('integer %s', (text, value) => expect(readInteger(text)).toBe(value));

  it.each([
    ['23.', 23],
    ['1999.99', 1999.99],
    ['6.72E9', UNSTATED],
    ['12345678901234567890.1', UNSTATED],
    ['1,5', REFUSED],
    ['NaN', REFUSED],
    ['0x54', REFUSED],
  ])('decimal %s', (text, value) => expect(readDecimal(text)).toBe(value));

  it.each([
    ['0', '1970-01-01T00:00:00Z'],
    ['1700000000500', '2023-11-14T22:13:20.500Z'],
    ['253402300800000', REFUSED],
    ['1700000000.5', REFUSED],
  ])('timestamp %s', (text, value) => expect(readTimestamp(text)).toBe(value));
});

describe('namespaces', () => {
  it.each([
    'iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0',
    'iglu:org.w3/PerformanceNavigationTiming/jsonschema/1-0-0',
    'iglu:com.acme-shop/addToCart/jsonschema/12-3-4',
    'iglu:com.acme/HTTPTiming2Go/jsonschema/2-0-0',
  ])('%s is named as the pipeline publishes it', (schema) => {
    const document = {
      schema: 'iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0',
      data: [{ schema, data: { id: '4e0c2d1e-7d5e-4a3b-9b9f-0f6d1b0f7a11' } }],
    };
    expect(readContexts(document)![0]!.namespace).toBe(schemaNamespace(parseSchemaKey(schema)!));
  });
});
