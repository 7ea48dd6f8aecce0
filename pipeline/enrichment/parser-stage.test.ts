import { expect, test } from 'vitest';
import type { AccessLogLine } from '../contracts/access-log.ts';
import { parseJson, stringifyJson } from '../contracts/json.ts';
import type { NamedValue } from '../contracts/messages.ts';
import { recordedLines } from './fixtures/recorded.ts';
import { parserStage } from './parser-stage.ts';

const parse = parserStage();
const lines = recordedLines();
const get = lines.find(({ method }) => method === 'GET')!;
const post = lines.find(({ method }) => method === 'POST')!;

function record(value: string | Uint8Array | null, key: string | null = 'k') {
  return {
    topic: 'tracking_raw',
    partition: 2,
    offset: 17,
    timestamp: 1_795_451_871_000,
    key: key === null ? null : Buffer.from(key),
    value: typeof value === 'string' ? Buffer.from(value) : value,
  };
}

function envelope(line: AccessLogLine): string {
  const log = { offset: 4096, file: { path: '/var/log/tracking.log' } };
  return JSON.stringify({ '@timestamp': '2026-11-23T16:37:51.000Z', log, message: JSON.stringify(line) });
}

const values = (named: readonly NamedValue[] | undefined) =>
  Object.fromEntries((named ?? []).map(({ name, value }) => [name, value]));

test('every recorded request of the real tracker becomes its events', () => {
  const results = lines.map((line) => parse(record(envelope(line))));
  expect(results.every((result) => result.class === 'tracker' && result.failed.length === 0)).toBe(true);
  const sent = lines.map(({ method, request_body: body }) =>
    method === 'GET' ? 1 : (JSON.parse(body) as { data: unknown[] }).data.length,
  );
  expect(results.map(({ processed }) => processed.length)).toEqual(sent);
});

test('a message has one namespace for each thing it came from', () => {
  const [{ key, known, message }] = parse(record(envelope(get))).processed as [never];
  const { kafka_raw, log, request, query, event, ...entities } = message as Record<string, NamedValue[]>;
  expect(values(kafka_raw)).toEqual({
    topic: 'tracking_raw',
    partition: 2,
    offset: 17,
    timestamp: 1_795_451_871_000,
    key: 'k',
    index: 0,
  });
  expect(values(log)).toEqual({ path: '/var/log/tracking.log', offset: 4096 });
  expect(values(request)).toEqual(
    Object.fromEntries(Object.entries(get).filter(([, value]) => value !== '')),
  );
  expect(values(query)).toEqual(Object.fromEntries(new URLSearchParams(get.query_string)));
  expect(values(event)).toMatchObject({
    event: 'page_view',
    mkt_campaign: 'spring',
    refr_source: 'Google',
    refr_term: 'shop',
    user_ipaddress: '203.0.113.x',
    etl_tstamp: '2026-11-23T16:37:51Z',
    collector_tstamp: '2026-11-23T16:37:50.250Z',
  });
  expect(Object.keys(entities).sort()).toEqual([
    'com_snowplowanalytics_snowplow_browser_context_2',
    'com_snowplowanalytics_snowplow_client_session_1',
    'com_snowplowanalytics_snowplow_ua_parser_context_1',
    'com_snowplowanalytics_snowplow_web_page_1',
    'org_ietf_http_client_hints_1',
    'org_w3_performance_navigation_timing_1',
  ]);
  expect({ key, known }).toEqual({ key: values(event).domain_userid, known: true });
});

test('a bare line is as good as an envelope, and says nothing of its place', () => {
  const bare = parse(record(JSON.stringify(get))).processed[0]!.message;
  const shipped = parse(record(envelope(get))).processed[0]!.message;
  expect(bare.log).toEqual([]);
  expect({ ...bare, log: shipped.log }).toEqual(shipped);
});

test('a line with the required fields only is enough', () => {
  const {
    remote_addr,
    scheme,
    msec,
    host,
    server_name,
    time,
    status,
    size,
    query_string,
    request_body,
    uri,
  } = post;
  const line = {
    remote_addr,
    scheme,
    msec,
    host,
    server_name,
    time,
    status,
    size,
    query_string,
    request_body,
    uri,
  };
  const [first, again] = [parse(record(envelope(line))), parse(record(envelope(line)))];
  expect(first.processed.length).toBeGreaterThan(0);
  expect(first).toEqual(again);
});

test('two entities of one schema repeat their names in order', () => {
  const schema = 'iglu:com.acme/product/jsonschema/1-0-0';
  const data = [
    { schema, data: { sku: 'a' } },
    { schema, data: { sku: 'b', price: 12345678901234567890n } },
  ];
  const co = stringifyJson({ schema: 'iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0', data });
  const line = { ...get, query_string: new URLSearchParams({ e: 'pv', co }).toString() };
  const { message } = parse(record(envelope(line))).processed[0]!;
  expect(message.com_acme_product_1).toEqual([
    { name: 'sku', value: 'a' },
    { name: 'sku', value: 'b' },
    { name: 'price', value: 12345678901234567890n },
  ]);
  expect(parseJson(stringifyJson(message))).toEqual(message);
});

test('each event of a batch stands for itself', () => {
  const event = { e: 'pv', p: 'web', tv: 'x', eid: '4e0c2d1e-7d5e-4a3b-9b9f-0f6d1b0f7a11' };
  const data = [event, { ...event, e: 'zz' }, { ...event, tv: 1 }, 'x', { ...event, eid: undefined }];
  const schema = 'iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4';
  const line = { ...post, query_string: '', request_body: JSON.stringify({ schema, data }) };
  const { processed, failed } = parse(record(envelope(line)));
  expect(processed.map(({ message }) => values(message.kafka_raw).index)).toEqual([0, 4]);
  expect(failed.map(({ failure, payload }) => [failure.type, (payload as { index: number }).index])).toEqual([
    ['enrichment', 1],
    ['tracker_protocol', 2],
    ['tracker_protocol', 3],
  ]);
  expect(failed[0]).toMatchObject({
    failure: { stage: 'parser', errors: [{ code: 'unknown_event_code', field: 'e' }] },
    payload: { request_id: line.request_id, parameters: { e: 'zz' }, line: { uri: line.uri } },
    source: { topic: 'tracking_raw', partition: 2, offset: 17 },
  });
});

test('a payload that cannot be read fails whole', () => {
  const { processed, failed } = parse(record(envelope({ ...post, request_body: '{' })));
  expect(processed).toEqual([]);
  expect(failed).toMatchObject([{ failure: { type: 'tracker_protocol' }, payload: { index: null } }]);
});

test('an event has the body of its request where that is its own; in a batch, whose copies would multiply, it has its parameters', () => {
  const item = { e: 'pv', p: 'web', tv: 'x', page: 'x'.repeat(100) };
  const schema = 'iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4';
  const body = (count: number) => JSON.stringify({ schema, data: new Array(count).fill(item) });
  const copies = (count: number) =>
    parse(record(envelope({ ...post, request_body: body(count) }))).processed.map(
      ({ message }) => 'request_body' in values(message.request),
    );
  expect(copies(1)).toEqual([true]);
  expect(copies(2)).toEqual([false, false]);
});

test.each([
  ['no JSON', 'not json'],
  ['nothing', null],
  ['a list', '[]'],
  ['an envelope around no line', '{"message":"hello"}'],
  ['a line without status', JSON.stringify({ ...get, status: undefined })],
  ['a line with an object for a field', JSON.stringify({ ...get, host: { name: 'x' } })],
  ['JSON nested without end', `${'['.repeat(100_000)}`],
  ['JSON of 2 MB', `{"x":"${'x'.repeat(2_000_000)}"}`],
])('%s is kept as a failure', (_name, value) => {
  const { class: kind, failed } = parse(record(value));
  expect(kind).toBe('malformed');
  expect(failed).toMatchObject([{ failure: { type: 'line_format' } }]);
  expect(stringifyJson(failed[0]!).length).toBeLessThan(1_200_000);
});

test.each([
  [{ uri: '/health' }, 'ignored', 'health'],
  [{ uri: '/robots.txt' }, 'ignored', 'robots'],
  [{ uri: '/favicon.ico', status: '404' }, 'ignored', 'unknown_path'],
  [{ uri: '/a/b/c' }, 'ignored', 'unknown_path'],
  [{ uri: '/micro/good' }, 'ignored', 'test_api'],
  [{ method: 'OPTIONS' }, 'ignored', 'preflight'],
  [{ method: 'HEAD' }, 'ignored', 'head'],
  [{ method: 'PUT', uri: '/com.snowplowanalytics.snowplow/tp2' }, 'ignored', 'method'],
  [{ method: 'POST', uri: '/i' }, 'ignored', 'method'],
  [{ uri: '/r/tp2', status: '400' }, 'refused', 'status_400'],
  [{ status: '414' }, 'refused', 'status_414'],
  [{ status: '503' }, 'refused', 'status_503'],
] as const)('%j is %s: %s', (change, kind, why) => {
  const result = parse(record(envelope({ ...get, ...change })));
  expect(result).toEqual({ class: kind, why, processed: [], failed: [] });
});

test('an anonymous request has neither address nor network user id', () => {
  const anonymous = {
    sp_anonymous: '*',
    remote_addr: '',
    x_forwarded_for: '',
    cookies: '',
    network_userid: '',
  };
  const { message } = parse(record(envelope({ ...get, ...anonymous }))).processed[0]!;
  const event = values(message.event);
  expect(event.network_userid).toBe('00000000-0000-0000-0000-000000000000');
  expect(event).not.toHaveProperty('user_ipaddress');
});

test('the network user id is that of the line, else the cookie, else none', () => {
  const id = 'aaaaaaaa-2222-4333-8444-555555555555';
  const of = (change: Partial<AccessLogLine>) =>
    values(parse(record(envelope({ ...get, ...change }))).processed[0]!.message.event).network_userid;
  expect(of({})).toBe(get.network_userid);
  expect(of({ network_userid: '', cookies: `_sp_id=1; sp=${id}` })).toBe(id);
  expect(of({ network_userid: '', cookies: 'other=1' })).toBeUndefined();
  expect(of({ query_string: `${get.query_string}&tnuid=${id}` })).toBe(id);
});
