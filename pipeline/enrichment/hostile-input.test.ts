import fc from 'fast-check';
import { expect, test } from 'vitest';
import { REQUIRED_ACCESS_LOG_FIELDS } from '../contracts/access-log.ts';
import { stringifyJson } from '../contracts/json.ts';
import { createEnrichment } from './enrich.ts';
import { recordedLines } from './fixtures/recorded.ts';
import { parserStage, type StageResult } from './parser-stage.ts';
import { TRACKER_PARAMETERS } from './tracker-parameters.ts';
import { decodeUtf8 } from './utf8.ts';

const parse = parserStage(undefined, createEnrichment());
const get = recordedLines()[0]!;

const stage = (value: Uint8Array | string): StageResult =>
  parse({
    topic: 't',
    partition: 0,
    offset: 1,
    timestamp: 0,
    key: null,
    value: typeof value === 'string' ? Buffer.from(value) : value,
  });

/** Every record is of one class, what it gave fits the class, and all of it can be written. */
function accounted(result: StageResult): StageResult {
  const { processed, failed } = result;
  if (result.class === 'tracker') expect(processed.length + failed.length).toBeGreaterThan(0);
  else if (result.class === 'malformed') expect([processed.length, failed.length]).toEqual([0, 1]);
  else expect([processed.length, failed.length]).toEqual([0, 0]);
  for (const { key, message } of processed) {
    expect(key).not.toBe('');
    stringifyJson(message);
  }
  for (const message of failed) {
    expect(message.failure.errors.length).toBeGreaterThan(0);
    stringifyJson(message);
  }
  return result;
}

const HOSTILE = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', ''];
const name = fc.oneof(
  fc.constantFrom(...TRACKER_PARAMETERS.map(({ parameter }) => parameter), ...HOSTILE, 'u', 'schema'),
  fc.string({ unit: 'binary' }),
);
const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value));
const base64 = json.map((text) => Buffer.from(text).toString('base64url'));
const iglu = (kind: string, data: unknown) =>
  JSON.stringify({ schema: `iglu:com.snowplowanalytics.snowplow/${kind}/jsonschema/1-0-0`, data });
const entity = fc.record({
  schema: fc.constantFrom('iglu:com.acme/x/jsonschema/1-0-0', 'iglu:__proto__/constructor/x/1-0-0', 'x'),
  data: fc.jsonValue({ maxDepth: 3 }),
});
const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  json,
  base64,
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.array(entity, { maxLength: 3 }).map((data) => iglu('contexts', data)),
  entity.map((data) => iglu('unstruct_event', data)),
  fc.constantFrom('pv', 'ue', 'se', 'null', '-1', '1e400', '9'.repeat(400), '%', '\u0000', '\ud800'),
);
const parameters = fc.array(fc.tuple(name, value), { maxLength: 12 });
const query = fc.oneof(
  parameters.map((pairs) => new URLSearchParams(pairs).toString()),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('%', 'f', 'e', '=', '&', ';', '+', '2') }),
);
const uri = fc.oneof(
  fc.constantFrom(
    '/i',
    '/ice.png',
    '/r/tp2',
    '/com.snowplowanalytics.snowplow/tp2',
    '/com.snowplowanalytics.iglu/v1',
  ),
  fc.webPath(),
  fc.string(),
);
const body = fc.oneof(
  fc.constant(''),
  json,
  fc
    .array(
      fc.oneof(
        parameters.map((pairs) => Object.fromEntries(pairs)),
        fc.jsonValue(),
      ),
      { maxLength: 4 },
    )
    .map((data) => iglu('payload_data', data)),
);

test('every sequence of bytes is accounted for', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void accounted(stage(bytes))));
});

test('every JSON value is accounted for, as a line and as an envelope', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (whatever) => {
      accounted(stage(JSON.stringify(whatever)));
      accounted(
        stage(JSON.stringify({ message: JSON.stringify(whatever), log: whatever, '@timestamp': whatever })),
      );
    }),
  );
});

test('every line with the required fields is accounted for', () => {
  const line = fc.record({
    ...Object.fromEntries(REQUIRED_ACCESS_LOG_FIELDS.map((field) => [field, fc.string({ unit: 'binary' })])),
    status: fc.oneof(fc.constantFrom('200', '302', '404'), fc.string()),
    query_string: query,
    request_body: body,
    uri,
    msec: fc.oneof(fc.constant('1700000001.000'), fc.double().map(String), fc.string()),
    method: fc.constantFrom('GET', 'POST', 'HEAD', 'x', ''),
    user_agent: fc.oneof(fc.string({ unit: 'binary' }), fc.constant(get.user_agent!)),
    referer: fc.oneof(fc.webUrl(), fc.string()),
    x_forwarded_for: fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()),
    content_type: fc.constantFrom('application/json', 'x', ''),
    request_id: fc.oneof(fc.uuid(), fc.constant('')),
    network_userid: fc.oneof(fc.uuid(), fc.constant(''), fc.string()),
  });
  fc.assert(
    fc.property(line, (fields) => void accounted(stage(JSON.stringify(fields)))),
    { numRuns: 1000 },
  );
});

test('the same record gives the same result', () => {
  fc.assert(
    fc.property(query, body, (query_string, request_body) => {
      const line = JSON.stringify({ ...get, request_id: '', query_string, request_body });
      expect(stage(line)).toEqual(stage(line));
    }),
  );
});

test('names of the language are names like any other', () => {
  const data = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
  const co = iglu('contexts', [{ schema: 'iglu:__proto__/constructor/jsonschema/1-0-0', data }]);
  const query_string = `${new URLSearchParams({ e: 'pv', co })}&__proto__=p&constructor=c&toString=t`;
  const line = `{"__proto__":"x",${JSON.stringify({ ...get, query_string }).slice(1)}`;
  const { processed } = accounted(stage(line));
  const { message } = processed[0]!;
  expect(message.query).toContainEqual({ name: '__proto__', value: 'p' });
  expect(message.request).toContainEqual({ name: '__proto__', value: 'x' });
  expect(message.__proto___constructor_1!.map((named) => named.name)).toEqual(['__proto__', 'constructor']);
  const failing = accounted(stage(line.replace('e=pv', 'e=zz')));
  expect(Object.keys((failing.failed[0]!.payload as { parameters: object }).parameters)).toContain(
    '__proto__',
  );
  const posted = iglu('payload_data', [JSON.parse('{"e":"pv","p":"web","tv":"x","__proto__":"x"}')]);
  accounted(
    stage(
      JSON.stringify({
        ...get,
        method: 'POST',
        uri: '/com.snowplowanalytics.snowplow/tp2',
        request_body: posted,
      }),
    ),
  );
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('a value nested without end fails its event alone', () => {
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  const { failed } = accounted(
    stage(JSON.stringify({ ...get, query_string: new URLSearchParams({ e: 'ue', ue_pr: deep }).toString() })),
  );
  expect(failed[0]!.failure.errors).toMatchObject([{ code: 'json_too_deep', field: 'ue_pr' }]);
});

test('valid text is read as it is, each stray byte as one replacement', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(decodeUtf8(Buffer.from(text))).toBe(text);
    }),
  );
  expect(decodeUtf8(Buffer.from('61e282f09f8e62edA080c0af', 'hex'))).toBe(
    'a\ufffd\ufffd\ufffd\ufffd\ufffdb\ufffd\ufffd\ufffd\ufffd\ufffd',
  );
});
