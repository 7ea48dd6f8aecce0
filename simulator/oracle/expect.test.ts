import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestDigest, requestDigestOfBytes } from '../ledger/digest.ts';
import type { Header } from '../plan/request.ts';
import { expectRequest } from './expect.ts';
import type { SentRequest } from './request.ts';
import { DEFAULT_ORACLE_SETTINGS } from './settings.ts';

const EID = '4e0c2d1e-7d5e-4a3b-9b9f-0f6d1b0f7a11';
const get = (target: string, headers: Header[] = []) =>
  expectRequest({ method: 'GET', target, headers, body: null });
const post = (body: unknown, headers: Header[] = [['Content-Type', 'application/json; charset=UTF-8']]) =>
  expectRequest({
    method: 'POST',
    target: '/com.snowplowanalytics.snowplow/tp2',
    headers,
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
const batch = (...data: unknown[]) => ({
  schema: 'iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4',
  data,
});
const contexts = (...data: [schema: string, data: unknown][]) =>
  encodeURIComponent(
    JSON.stringify({
      schema: 'iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0',
      data: data.map(([schema, value]) => ({
        schema: `iglu:com.acme/${schema}/jsonschema/1-0-0`,
        data: value,
      })),
    }),
  );

describe('which requests count', () => {
  it.each([
    ['GET', '/i?e=pv&p=web', 'processed'],
    ['GET', '/ice.png?e=pv', 'processed'],
    ['GET', '/com.snowplowanalytics.snowplow/tp2?e=pv', 'processed'],
    ['GET', '/i', 'failed'],
    ['GET', '/i?e=pv&page=100%', 'failed'],
    ['GET', '/com.acme/v1?e=pv', 'failed'],
    ['GET', `/i?${'x'.repeat(32_768)}`, 'refused'],
    ['GET', '/r/tp2?u=https%3A%2F%2Fexample.com', 'refused'],
    ['GET', '/health', 'ignored'],
    ['GET', '/robots.txt', 'ignored'],
    ['GET', '/a/b/c', 'ignored'],
    ['GET', '/', 'ignored'],
    ['POST', '/i?e=pv', 'ignored'],
    ['HEAD', '/i?e=pv', 'ignored'],
    ['OPTIONS', '/com.snowplowanalytics.snowplow/tp2', 'ignored'],
  ])('%s %.60s: %s', (method, target, outcome) => {
    expect(expectRequest({ method, target, headers: [], body: null }).expect).toBe(outcome);
  });

  it('refuses a body beyond the limit, and takes one at it', () => {
    const body = (length: number) => Buffer.alloc(length, 0x20);
    expect(post(body(1_048_577))).toMatchObject({ expect: 'refused', events: [] });
    expect(post(body(1_048_576))).toMatchObject({ expect: 'failed' });
  });
});

describe('a batch', () => {
  const good = { e: 'pv', p: 'web', tv: 'js-4', eid: EID };

  it('loses only the item that is invalid', () => {
    const verdict = post(
      batch(good, { ...good, uid: null }, 'x', { ...good, e: 'zz' }, { e: 'pp', p: 'web', tv: 'js-4' }),
    );
    expect(verdict.expect).toBe('processed');
    expect(verdict.events.map(({ index, expect: outcome }) => [index, outcome])).toEqual([
      [0, 'processed'],
      [1, 'failed'],
      [2, 'failed'],
      [3, 'failed'],
      [4, 'processed'],
    ]);
    expect(verdict.events.map(({ id }) => id)).toEqual([EID, null, null, null, null]);
  });

  it('fails as a whole, with no index, where it cannot be read', () => {
    for (const body of ['', 'x', '{}', batch(), { ...batch(good), schema: 'iglu:a/b/jsonschema/1-0-0' }])
      expect(post(body)).toMatchObject({
        expect: 'failed',
        events: [{ index: null, id: null, expect: 'failed' }],
      });
  });
});

describe('what the request tells of the visitor', () => {
  const nuid = '11111111-2222-4333-8444-555555555555';

  it('takes the domain user id, then the cookie, then leaves it to the answer', () => {
    expect(get(`/i?e=pv&eid=${EID}&duid=d1`).events[0]!.visitor).toBe('d1');
    expect(get(`/i?e=pv&eid=${EID}`, [['Cookie', `a=b; sp=${nuid}`]]).events[0]!.visitor).toBe(nuid);
    expect(get(`/i?e=pv&eid=${EID}`).events[0]!.visitor).toBeNull();
  });

  it('knows nobody under SP-Anonymous', () => {
    const event = get(`/i?e=pv&eid=${EID}`, [
      ['SP-Anonymous', '*'],
      ['Cookie', `sp=${nuid}`],
      ['X-Forwarded-For', '203.0.113.9'],
    ]).events[0]!;
    expect(event.visitor).toBe(EID);
    expect(event.fields['event-network_userid']).toBe('00000000-0000-0000-0000-000000000000');
    expect(event.fields).not.toHaveProperty('event-user_ipaddress');
  });

  it('takes the first forwarded address, else that of the connection where it is known', () => {
    const address = (headers: Header[], clientAddress: string | null) =>
      expectRequest(
        { method: 'GET', target: '/i?e=pv', headers, body: null },
        { ...DEFAULT_ORACLE_SETTINGS, clientAddress },
      ).events[0]!.fields['event-user_ipaddress'];
    expect(address([['x-forwarded-for', '203.0.113.9, 10.0.0.1']], '127.0.0.1')).toBe('203.0.113.x');
    expect(address([], '127.0.0.1')).toBe('127.0.0.x');
    expect(address([], null)).toBeUndefined();
  });
});

describe('entities', () => {
  it('are flattened: nulls dropped, nested values as JSON text, lists of scalars kept', () => {
    const { fields } = get(
      `/i?e=pv&co=${contexts(['cartItem', { sku: 'a', none: null, sizes: [1, 2], dims: { w: 1 }, tags: [{ t: 1 }], big: 5 }])}`,
    ).events[0]!;
    expect(Object.fromEntries(Object.entries(fields).filter(([name]) => name.startsWith('com_')))).toEqual({
      'com_acme_cart_item_1-sku': 'a',
      'com_acme_cart_item_1-sizes': [1, 2],
      'com_acme_cart_item_1-dims': '{"w":1}',
      'com_acme_cart_item_1-tags': '[{"t":1}]',
      'com_acme_cart_item_1-big': 5,
    });
  });

  it('of one schema become lists in their order', () => {
    const { fields } = get(
      `/i?e=pv&co=${contexts(['item', { sku: 'a', n: [1] }], ['page', { sku: 'p' }], ['item', { sku: 'b', n: [2] }], ['item', { sku: 'c' }])}`,
    ).events[0]!;
    expect(fields['com_acme_item_1-sku']).toEqual(['a', 'b', 'c']);
    expect(fields['com_acme_item_1-n']).toEqual(['[1]', '[2]']);
    expect(fields['com_acme_page_1-sku']).toBe('p');
  });

  it('keep large integers', () => {
    const co = contexts(['item', { id: 0 }]).replace('%22id%22%3A0', '%22id%22%3A12345678901234567890');
    expect(get(`/i?e=pv&co=${co}`).events[0]!.fields['com_acme_item_1-id']).toBe(12345678901234567890n);
  });
});

describe('recorded requests of the real tracker', () => {
  const requests = readFileSync(new URL('fixtures/tracker-requests.ndjson', import.meta.url), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map(
      (line) =>
        JSON.parse(line) as {
          method: string;
          url: string;
          headers: Record<string, string>;
          body: string | null;
        },
    );

  it('are all processed, and tell the visitor and the page', () => {
    for (const { method, url, headers, body } of requests) {
      const verdict = expectRequest({
        method,
        target: url,
        headers: Object.entries(headers),
        body: body || null,
      });
      expect(verdict).toMatchObject({ expect: 'processed', why: null });
      for (const event of verdict.events) {
        expect(event.expect).toBe('processed');
        expect(event.id).toMatch(/^[0-9a-f-]{36}$/);
        expect(event.visitor).toBe(event.fields['event-domain_userid']);
        expect(event.fields['event-page_urlhost']).toBe('127.0.0.1');
        expect(event.fields['com_snowplowanalytics_snowplow_web_page_1-id']).toMatch(/^[0-9a-f-]{36}$/);
      }
    }
  });
});

describe('any bytes', () => {
  const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
  const alike = fc
    .string({ unit: fc.constantFrom(...'epv=&;%+?/#"{}[]:,0aé\u0000'), maxLength: 60 })
    .map((text) => Buffer.from(text, 'utf8'));

  it('are a legal request, with a digest that the log line gives as well', () => {
    fc.assert(
      fc.property(fc.oneof(bytes, alike), fc.oneof(bytes, alike), (query, body) => {
        for (const method of ['GET', 'POST']) {
          const sent: SentRequest = {
            method,
            target: `/com.snowplowanalytics.snowplow/tp2?${query.toString('latin1')}`,
            headers: [['Cookie', query.toString('latin1')]],
            body,
          };
          const verdict = expectRequest(sent, { ...DEFAULT_ORACLE_SETTINGS, rawBytesInTarget: true });
          expect(verdict.digest).toBe(requestDigestOfBytes(query, body));
          expect(verdict.events.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('give one digest as text and as bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(post(text).digest).toBe(post(Buffer.from(text, 'utf8')).digest);
        expect(post(text).digest).toBe(requestDigest('', text));
      }),
    );
  });
});
