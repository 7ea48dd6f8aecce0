import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ACCESS_LOG_FIELDS, ANONYMISED_FIELDS } from '../contracts/access-log.ts';
import { LineBuilder, type LineValues } from './line.ts';

const values: LineValues = {
  remoteAddr: '203.0.113.9',
  msec: '1700000001.250',
  host: 'shop.acme.com',
  time: '2023-11-14T22:13:21+00:00',
  status: 200,
  size: 43,
  query: 'e=pv',
  body: '',
  uri: '/i',
  method: 'GET',
  headers: { cookie: 'sp=1', 'x-forwarded-for': '9.9.9.9', 'user-agent': 'A"\\\t\xff' },
  requestId: '0'.repeat(32),
  networkUserId: 'n',
  anonymous: false,
  duid: '',
};
const builder = new LineBuilder('localhost');
const parse = (line: string) => JSON.parse(line) as Record<string, string>;

test('a line has every field of the contract, in its order, all strings', () => {
  const line = builder.line(values);
  expect(Object.keys(parse(line))).toEqual([...ACCESS_LOG_FIELDS]);
  expect(Object.values(parse(line)).every((value) => typeof value === 'string')).toBe(true);
  expect(line.indexOf('\n')).toBe(line.length - 1);
});

test('the key is the visitor, else the address', () => {
  expect(parse(builder.line(values)).partition_key).toBe('203.0.113.9');
  expect(parse(builder.line({ ...values, duid: 'd%20"' })).partition_key).toBe('d%20"');
});

test('an anonymous request leaves no trace of whose it was', () => {
  const line = builder.line({ ...values, anonymous: true });
  for (const field of ANONYMISED_FIELDS) expect(parse(line)[field]).toBe('');
  expect(parse(line).partition_key).toBe('');
  for (const trace of ['203.0.113.9', '9.9.9.9', 'sp=1']) expect(line).not.toContain(trace);
});

test('whatever bytes a request has, they can be read back out of its line', () => {
  const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array).toString('latin1'));
  const text = bytes.map((raw) => raw.replace(/[\x00-\x08\x0a-\x1f]/g, ''));
  fc.assert(
    fc.property(text, bytes, bytes, text, (query, body, uri, header) => {
      const line = builder.line({
        ...values,
        query,
        body,
        uri,
        duid: query,
        headers: { referer: header, origin: header },
      });
      expect(line.slice(0, -1)).not.toContain('\n');
      expect(parse(line)).toMatchObject({
        query_string: query,
        request_body: body,
        uri,
        referer: header,
        origin: header,
      });
    }),
  );
});
