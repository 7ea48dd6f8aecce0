import { describe, expect, it } from 'vitest';
import type { AccessLogLine } from '../../pipeline/contracts/access-log.ts';
import { requestDigest } from '../../simulator/ledger/digest.ts';
import { lineContent, lineFields, statedOfLine, viewLine } from './access-line.ts';
import { holds } from './content.ts';
import { expectedOfLine } from './expected-of-line.ts';

const EVENT = 'e=pv&p=web&tv=js-4.0.0&tna=cp-1&url=https%3A%2F%2Fshop.example%2F';
const line = (more: Partial<AccessLogLine> = {}): AccessLogLine => ({
  remote_addr: '127.0.0.1',
  scheme: 'http',
  msec: '1700000001.250',
  host: 'localhost',
  server_name: 'localhost',
  time: '2023-11-14T22:13:21+00:00',
  status: '200',
  size: '43',
  query_string: EVENT,
  request_body: '',
  uri: '/i',
  method: 'GET',
  user_agent: 'Mozilla/5.0',
  ...more,
});
const view = (more: Partial<AccessLogLine> = {}) => viewLine(JSON.stringify(line(more)), 'cp-1');

describe('a line', () => {
  it.each<[string, Partial<AccessLogLine>]>([
    ['tracker', {}],
    ['tracker', { uri: '/ice.png' }],
    ['tracker', { uri: '/com.snowplowanalytics.snowplow/tp2', method: 'POST' }],
    ['tracker', { uri: '/com.acme/v1', method: 'GET', status: '302' }],
    ['tracker', { uri: '/com.acme/v1', method: '', request_body: '{}' }],
    ['tracker', { method: '' }],
    ['refused', { status: '413' }],
    ['refused', { uri: '/r/tp2', status: '404' }],
    ['ignored', { uri: '/i', method: 'POST' }],
    ['ignored', { uri: '/i', method: 'OPTIONS' }],
    ['ignored', { uri: '/i', method: 'HEAD' }],
    ['ignored', { uri: '/r/tp2', method: 'POST' }],
    ['ignored', { uri: '/health' }],
    ['ignored', { uri: '/micro/all' }],
    ['ignored', { uri: '/robots.txt', status: '404' }],
  ])('is %s: %j', (kind, more) => {
    expect(view(more)?.kind).toBe(kind);
  });

  it.each(['', 'no JSON', 'null', '[]', '"text"', '{"uri":"/i"}'])('is none: %s', (text) => {
    expect(viewLine(text, '')).toBeUndefined();
  });

  it('is found by query string and body, and belongs to the run whose mark is in them', () => {
    expect(view()).toMatchObject({ digest: requestDigest(EVENT, ''), marked: true });
    expect(view({ query_string: 'e=pv', request_body: 'tna: cp-1' })?.marked).toBe(true);
    expect(view({ query_string: 'e=pv', referer: 'cp-1' })?.marked).toBe(false);
  });

  it('changes its content with every byte', () => {
    expect(lineContent('{"a":"1"}')).toBe(lineContent('{"a":"1"}'));
    expect(lineContent('{"a":"1"}')).not.toBe(lineContent('{"a":"1" }'));
  });
});

describe('what the ledger knows of a line', () => {
  const stated = {
    fields: { 'request-uri': '/i', 'request-method': 'GET', 'request-user_agent': 'Mozilla/5.0' },
  };
  const agrees = (more: Partial<AccessLogLine>, id?: string) =>
    holds(lineFields(line(more)), statedOfLine([{ fields: {} }, stated], id));

  it('is compared with it', () => {
    expect(agrees({})).toBe(true);
    expect(agrees({ msec: '1.000', network_userid: 'x' })).toBe(true);
    expect(agrees({ user_agent: 'Mozilla/6.0' })).toBe(false);
    expect(agrees({ uri: '/ice.png' })).toBe(false);
    expect(agrees({ network_userid: 'x' }, 'x')).toBe(true);
    expect(agrees({ network_userid: 'x' }, 'y')).toBe(false);
  });

  it('is nothing where its events fail', () => {
    expect(statedOfLine([{ fields: {} }])).toHaveLength(0);
  });
});

describe('what should become of a line', () => {
  it('is what the oracle says of the request that it tells of', () => {
    const { digest, events } = expectedOfLine(line({ query_string: `${EVENT}&page=%E2%82%AC` }));
    expect(digest).toBe(requestDigest(`${EVENT}&page=%E2%82%AC`, ''));
    expect(events).toMatchObject([
      { expect: 'processed', fields: { 'event-page_title': '€', 'request-user_agent': 'Mozilla/5.0' } },
    ]);
  });

  it('keeps the digest of text beyond ASCII', () => {
    const query = `${EVENT}&page=Käse€`;
    expect(expectedOfLine(line({ query_string: query })).digest).toBe(requestDigest(query, ''));
    const body = line({
      method: 'POST',
      uri: '/com.acme/v1',
      query_string: '',
      request_body: '{"a":"Käse"}',
    });
    expect(expectedOfLine(body).digest).toBe(requestDigest('', '{"a":"Käse"}'));
  });

  it('does not refuse what the collector has taken', () => {
    const long = `${EVENT}&page=${'x'.repeat(500)}`;
    expect(expectedOfLine(line({ query_string: long }), { uriCharacters: 100 }).expect).toBe('processed');
  });
});
