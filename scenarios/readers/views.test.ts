import { describe, expect, it } from 'vitest';
import { collidingEventId } from '../../pipeline/contracts/ids.ts';
import type { FlatMessage } from '../../pipeline/contracts/messages.ts';
import { murmur2Partition } from '../../pipeline/contracts/partitioning.ts';
import { requestDigest } from '../../simulator/ledger/digest.ts';
import { holds } from '../checkers/content.ts';
import { eventContent, eventKey, isRouted, viewEvent } from './event-view.ts';
import { viewFailure } from './failure-view.ts';
import { flatOfFlattened, flatOfProcessed } from './flat-view.ts';

const ID = 'c6ef3124-b53a-4b13-a233-0088f79dcbcb';
const flat = (more: FlatMessage = {}): FlatMessage => ({
  'event-event_id': ID,
  'event-event_fingerprint': 'print',
  'event-name_tracker': 'cp-1',
  'query-eid': ID,
  'request-query_string': 'e=pv',
  'request-request_id': 'r1',
  'kafka_raw-partition': 2,
  'kafka_raw-offset': 17,
  'kafka_raw-index': 1,
  ...more,
});
const none = new Map<string, string>();
const view = (more: FlatMessage = {}, byRequestId: ReadonlyMap<string, string> = none) =>
  viewEvent(flat(more), 'cp-1', byRequestId);
const without = (name: string): FlatMessage => ({ [name]: undefined }) as unknown as FlatMessage;

describe('an event', () => {
  it('is found by the id that its tracker gave it, whatever it is called later', () => {
    expect(view().key).toBe(ID);
    expect(view({ 'query-eid': ID.toUpperCase() }).key).toBe(ID);
    expect(view({ 'query-eid': ['other', ID] }).key).toBe(ID);
    expect(view({ 'event-event_id': 'altered' }).key).toBe(ID);
  });

  it('without an id of its own is found by its request and its place in it', () => {
    expect(view(without('query-eid')).key).toBe(eventKey(requestDigest('e=pv', ''), 1));
    expect(view(without('query-eid'), new Map([['r1', 'digest of a batch']])).key).toBe(
      'digest of a batch:1',
    );
  });

  it('belongs to the run whose mark it has as its tracker namespace', () => {
    expect(view().marked).toBe(true);
    expect(view({ 'event-name_tracker': 'cp-2' }).marked).toBe(false);
    expect(viewEvent(flat(), '', none).marked).toBe(true);
  });

  it('has the visitor of the contract, and where it came from', () => {
    expect(view()).toMatchObject({ visitor: ID, hasProfile: false });
    expect(view({ 'event-network_userid': 'n' })).toMatchObject({ visitor: 'n', hasProfile: true });
    expect(view({ 'event-network_userid': 'n', 'event-domain_userid': 'd' }).visitor).toBe('d');
    expect(view().origin).toEqual({ rawPartition: 2, rawOffset: 17, index: 1 });
  });

  it('stands where its visitor belongs, under the visitor’s key', () => {
    const key = Buffer.from('visitor');
    const right = murmur2Partition(key, 6);
    expect(isRouted({ visitor: 'visitor' }, key, right, 6)).toBe(true);
    expect(isRouted({ visitor: 'visitor' }, key, (right + 1) % 6, 6)).toBe(false);
    expect(isRouted({ visitor: 'another' }, key, right, 6)).toBe(false);
    expect(isRouted({ visitor: 'visitor' }, null, 0, 6)).toBe(false);
  });

  it('may be given a profile and, by the rule, another id; anything else alters it', () => {
    const { whole } = view().content;
    const renamed = { 'event-event_id': collidingEventId(ID, 'print'), 'event-original_event_id': ID };
    expect(view({ 'profile-visits': 3 }).content.whole).toBe(whole);
    expect(view(renamed).content.whole).toBe(whole);
    expect(view({ ...renamed, 'event-event_id': 'by no rule' }).content.whole).not.toBe(whole);
    expect(view({ 'event-event_id': 'another' }).content.whole).not.toBe(whole);
    expect(view({ 'event-page_title': 'new' }).content.whole).not.toBe(whole);
    expect(view({ 'kafka_raw-index': '1' }).content.whole).not.toBe(whole);
  });

  it('holds what was stated of it, its id included where that is known', () => {
    const seen = view().content.fields;
    const stated = { 'event-name_tracker': 'cp-1' };
    expect(holds(seen, eventContent(stated, ID).fields)).toBe(true);
    expect(holds(seen, eventContent(stated, null).fields)).toBe(true);
    expect(holds(seen, eventContent(stated, 'another').fields)).toBe(false);
    expect(holds(seen, eventContent({ 'event-name_tracker': 'cp-2' }, ID).fields)).toBe(false);
  });

  it('tells long values apart, too', () => {
    const long = (end: string) =>
      view({ 'request-request_body': `${'x'.repeat(5_000)}${end}` }).content.whole;
    expect(long('a')).toBe(long('a'));
    expect(long('a')).not.toBe(long('b'));
  });

  it.each([0, 1, 2, 501, 998, 999, 1_000])(
    'reads values to their end, here after %i characters',
    (length) => {
      const ending = (end: string) => view({ 'event-page_title': 'ä'.repeat(length) + end }).content.whole;
      expect(ending('a')).toBe(ending('a'));
      expect(ending('a')).not.toBe(ending('b'));
      expect(ending('\ud800')).not.toBe(ending('\ufffd'));
    },
  );
});

describe('a record of the parser', () => {
  it('becomes names and values as the contract says', () => {
    const text = JSON.stringify({
      event: [
        { name: 'page_url', value: 'https://shop.example/' },
        { name: 'nothing', value: null },
        { name: 'tags', value: ['a', 1, null] },
        { name: 'nested', value: { deep: [1] } },
        { name: 'objects', value: [{ a: 1 }] },
        { name: 'no', value: false },
      ],
      com_acme_product_1: [
        { name: 'sku', value: 'x' },
        { name: 'price', value: 1.5 },
        { name: 'sku', value: null },
        { name: 'sku', value: ['y', 'z'] },
        { name: 'sku', value: 'w' },
      ],
    });
    expect({ ...flatOfProcessed(text) }).toEqual({
      'event-page_url': 'https://shop.example/',
      'event-tags': ['a', 1, null],
      'event-nested': '{"deep":[1]}',
      'event-objects': '[{"a":1}]',
      'event-no': false,
      'com_acme_product_1-sku': ['x', '["y","z"]', 'w'],
      'com_acme_product_1-price': 1.5,
    });
  });

  it('keeps integers that a double does not', () => {
    expect(flatOfProcessed('{"event":[{"name":"n","value":12345678901234567890}]}')['event-n']).toBe(
      12345678901234567890n,
    );
  });

  it.each(['', 'null', '[]', '1', '{"event":1}', '{"event":[null]}'])('is none: %s', (text) => {
    expect(() => flatOfProcessed(text)).toThrow();
  });

  it.each(['', 'null', '[1]', '"x"'])('flattened is none: %s', (text) => {
    expect(() => flatOfFlattened(text)).toThrow();
  });
});

describe('a failure', () => {
  const failure = (stage: string, payload: unknown) =>
    JSON.stringify({
      failure: { type: 'schema_violation', stage, errors: [], timestamp: '' },
      payload,
      source: { topic: 'tracking_raw', partition: 1, offset: 9 },
    });
  const line = { query_string: 'tna=cp-1', request_body: '' };

  it('of the parser is about an event, or about a request as a whole', () => {
    const digest = requestDigest('tna=cp-1', '');
    expect(viewFailure(failure('parser', { request_id: 'r1', index: 2, line }), 'cp-1', none)).toEqual({
      key: eventKey(digest, 2),
      stage: 'parser',
      index: 2,
      marked: true,
    });
    expect(
      viewFailure(failure('parser', { request_id: 'r1', index: null, line }), 'cp-2', none),
    ).toMatchObject({
      key: eventKey(digest, null),
      index: null,
      marked: false,
    });
    const batch = { request_id: 'r1', index: 0, line: { query_string: '' } };
    expect(viewFailure(failure('parser', batch), 'cp-1', new Map([['r1', 'batch']]))?.key).toBe('batch:0');
  });

  it('of anybody else, or of what is no line, is about the record that it came from', () => {
    const place = { key: 'tracking_raw 1@9', index: undefined };
    expect(viewFailure(failure('parser', 'no line cp-1'), 'cp-1', none)).toMatchObject({
      ...place,
      marked: true,
    });
    expect(viewFailure(failure('flattener', { line }), 'cp-1', none)).toMatchObject({
      ...place,
      stage: 'flattener',
    });
    expect(viewFailure(failure('parser', null), 'cp-1', none)).toMatchObject({ ...place, marked: false });
  });

  it('of the shipper is nobody’s: what it could not ship was never acknowledged', () => {
    expect(viewFailure(failure('shipper', { line: 'torn cp-1' }), 'cp-1', none)?.marked).toBe(false);
  });

  it.each(['', 'null', '{}', '{"failure":{"stage":"parser"}}', '{"failure":1,"source":{"topic":"t"}}'])(
    'is none: %s',
    (text) => {
      expect(viewFailure(text, 'cp-1', none)).toBeUndefined();
    },
  );
});
