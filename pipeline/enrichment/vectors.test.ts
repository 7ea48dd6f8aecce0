import { describe, expect, test } from 'vitest';
import type { AccessLogLine } from '../contracts/access-log.ts';
import { ATOMIC_LENGTHS } from './atomic-lengths.ts';
import { createEnrichment } from './enrich.ts';
import { anonymiseAddress } from './enrichments/anonymise-ip.ts';
import { readFixture } from './fixtures/golden.ts';
import { parseQueryString } from './query-string.ts';
import { type EnrichmentSettings, enrichmentSettings } from './settings.ts';
import { TRACKER_PARAMETERS } from './tracker-parameters.ts';
import { cleanText, formatInstant, TRANSFORMS } from './transforms.ts';
import type { AtomicEvent } from './types.ts';
import { splitUrl } from './url.ts';

/** The event that a query string becomes; undefined where it fails. */
function enrichQuery(
  parameters: Readonly<Record<string, string>>,
  settings: Partial<EnrichmentSettings> = {},
  line: Partial<AccessLogLine> = {},
): AtomicEvent | undefined {
  const result = createEnrichment(enrichmentSettings.parse(settings))(
    {
      remote_addr: '192.0.2.1',
      scheme: 'https',
      msec: '1700000001.000',
      host: 'c.example',
      server_name: 'c.example',
      time: '',
      status: '200',
      size: '43',
      query_string: new URLSearchParams({ e: 'pv', ...parameters }).toString(),
      request_body: '',
      uri: '/i',
      ...line,
    },
    { receivedAt: 1_700_000_002_000 },
  );
  return result.class === 'tracker' ? result.events[0]?.event : undefined;
}

/** `2015-03-13 11:19:21.368`, as the vectors have it, as we write it. */
function instant(text: string | null): string | undefined {
  return text === null ? undefined : formatInstant(Date.parse(`${text.replace(' ', 'T')}Z`));
}

describe('tracker protocol', () => {
  const { params, tsv_columns: columns } = readFixture<{
    params: { param: string; fields: string[]; maxLength: (number | null)[] }[];
    tsv_columns: { name: string; maxLength: number | null }[];
  }>('a_tracker_protocol.json');

  test('all 75 parameters are known, with their fields and lengths', () => {
    expect(TRACKER_PARAMETERS.length).toBe(75);
    const ours = TRACKER_PARAMETERS.map(({ parameter, fields, maxLength }) => [
      parameter,
      fields,
      maxLength ?? null,
    ]);
    expect(ours).toEqual(params.map(({ param, fields, maxLength }) => [param, fields, maxLength[0]]));
  });

  test('the lengths of all atomic fields are known', () => {
    const expected = columns.filter(({ maxLength }) => maxLength !== null);
    expect([...ATOMIC_LENGTHS]).toEqual(expected.map(({ name, maxLength }) => [name, maxLength]));
  });
});

describe('campaign attribution', () => {
  const { cases } = readFixture<{
    cases: {
      spec: string;
      config: Record<string, string[]> & { mktClickId: Record<string, string> };
      query: Record<string, string>;
      expected: Record<string, string | null>;
    }[];
  }>('c_campaign_attribution.json');

  test.each(cases)('$spec', ({ config, query, expected }) => {
    const url = `http://a.b/?${new URLSearchParams(query)}`;
    const event = enrichQuery(
      { url },
      {
        campaignMedium: config.mktMedium!,
        campaignSource: config.mktSource!,
        campaignTerm: config.mktTerm!,
        campaignContent: config.mktContent!,
        campaignName: config.mktCampaign!,
        clickIds: config.mktClickId,
      },
    )!;
    for (const [field, value] of Object.entries(expected)) expect(event[field] ?? null).toBe(value);
  });
});

describe('IP anonymisation', () => {
  const { cases } = readFixture<{
    cases: { spec: string; ip: string | null; anonOctets: number; anonSegments: number; expected: string }[];
  }>('d_anon_ip.json');

  test.each(cases.filter(({ ip }) => ip !== null))(
    '$ip, $anonOctets or $anonSegments: $expected',
    (vector) => {
      expect(anonymiseAddress(vector.ip!, vector.anonOctets, vector.anonSegments)).toBe(vector.expected);
    },
  );

  test('no address stays none', () => {
    expect(enrichQuery({}, {}, { remote_addr: '' })!.user_ipaddress).toBeUndefined();
  });
});

describe('page URL', () => {
  const vectors = readFixture<{
    extractPageUri: { from_referer: string | null; from_tracker: string | null; expected: string | null }[];
    explodeUri: Record<string, string | number | null>[];
    stringToUri: { input: string | null; expected: string | null }[];
    extractQuerystring: { uri: string; expected: [string, string | null][] }[];
  }>('e_page_url.json');

  test.each(vectors.extractPageUri)('Referer $from_referer, url $from_tracker', (vector) => {
    const parameters = vector.from_tracker === null ? {} : { url: vector.from_tracker };
    const event = enrichQuery(parameters, {}, { referer: vector.from_referer ?? '' });
    expect(event?.page_url ?? null).toBe(vector.expected);
  });

  test.each(vectors.explodeUri)('$uri is split', ({ spec: _spec, uri, ...parts }) => {
    expect(splitUrl(String(uri))).toMatchObject(parts);
  });

  test.each(vectors.stringToUri.filter(({ input }) => input !== null))('$input', ({ input, expected }) => {
    expect(splitUrl(input!)?.text ?? null).toBe(expected);
  });

  test.each(vectors.extractQuerystring)('parameters of $uri', ({ uri, expected }) => {
    expect(parseQueryString(splitUrl(uri)!.query ?? '')).toEqual(expected);
  });
});

describe('cross-domain links', () => {
  const { cases } = readFixture<{
    cases: {
      spec: string;
      querystring: [string, string | null][];
      refr_domain_userid: string | null;
      refr_dvce_tstamp: string | null;
      failure: object | null;
    }[];
  }>('f_cross_domain.json');

  test.each(cases)('$spec', ({ querystring, failure, ...expected }) => {
    const query = querystring.map(([name, value]) => (value === null ? name : `${name}=${value}`)).join('&');
    const event = enrichQuery({ url: `http://a.b/?${query}` });
    if (failure) expect(event).toBeUndefined();
    else {
      expect(event!.refr_domain_userid ?? null).toBe(expected.refr_domain_userid);
      expect(event!.refr_dvce_tstamp).toBe(instant(expected.refr_dvce_tstamp));
    }
  });
});

describe('fingerprint', () => {
  const base = { e: 'se', se_ac: 'action', se_ca: 'category', se_pr: 'property' };
  const of = (parameters: Record<string, string>, settings: Partial<EnrichmentSettings> = {}) =>
    enrichQuery({ p: 'web', ...parameters }, settings)!.event_fingerprint;

  test('is that of the recorded run', () => {
    const parameters = { p: 'web', tv: 'js-3.8.0', aid: 'shop', dtm: '1700000000000', url: 'http://a.b/' };
    expect(of(parameters)).toBe('0a3dfd76494e2c7f34e88771f7fac9d8');
  });

  test('does not depend on order or excluded parameters, and on everything else it does', () => {
    expect(of({ se_ca: 'category', se_ac: 'action', se_pr: 'property', e: 'se' })).toBe(of(base));
    expect(of({ ...base, stm: '1', nuid: 'x', cv: 'y' })).toBe(of(base));
    expect(of({ ...base, se_pr: '' })).not.toBe(of({ ...base, se_pr: ' ' }));
    expect(of({ ...base, prefix: 'suffix' })).not.toBe(of({ ...base, prefixs: 'uffix' }));
  });

  test.each([
    ['SHA1', 40],
    ['SHA256', 64],
    ['SHA384', 96],
    ['SHA512', 128],
  ] as const)('%s has %i digits', (fingerprintAlgorithm, digits) => {
    expect(of(base, { fingerprintAlgorithm })).toHaveLength(digits);
  });
});

describe('conversions', () => {
  type Case = { in: string | null; out: { ok?: unknown; error?: string } | string | null };
  const vectors = readFixture<Record<string, { cases: Case[] }>>('l_conversions.json');
  const check = (name: string, transform: keyof typeof TRANSFORMS) =>
    test.each(vectors[name]!.cases.filter((vector) => vector.in !== null))(`${name} of $in`, (vector) => {
      const out = vector.out as { ok?: unknown; error?: string };
      const result = TRANSFORMS[transform](vector.in!);
      if (out.error !== undefined) expect(result).toHaveProperty('refusal');
      else {
        const values = 'values' in result ? result.values.filter((value) => value !== undefined) : [];
        const expected = [out.ok].flat().filter((value) => value !== null);
        if (transform === 'decimal') expect(values).toEqual(expected.map(Number));
        else if (transform === 'boolean') expect(values.map(Number)).toEqual(expected);
        else if (transform === 'timestamp')
          expect(values).toEqual(expected.map((text) => instant(String(text))));
        else expect(values).toEqual(expected);
      }
    });

  check('extractEventType', 'eventCode');
  check('extractPlatform', 'platform');
  check('extractIp', 'firstOfList');
  check('extractViewDimensions', 'dimensions');
  check('extractTimestamp', 'timestamp');
  check('stringToJInteger', 'integer');
  check('stringToDoubleLike', 'decimal');
  check('stringToBooleanLikeJByte', 'boolean');
  test.each(vectors.validateUuid!.cases)('a UUID: $in', ({ in: text, out }) => {
    const result = TRANSFORMS.uuid(text!);
    if ((out as { error?: string }).error) expect(result).toHaveProperty('refusal');
    else expect(result).toEqual({ values: [(out as { ok: string }).ok] });
  });

  test.each(vectors.fixTabsNewlines!.cases)('clean text of $in', ({ in: text, out }) => {
    expect(cleanText(text!) ?? null).toBe(out);
  });

  test.each(
    (vectors.getDerivedTimestamp as unknown as { cases: Record<string, string | null>[] }).cases.filter(
      ({ collector }) => collector !== null,
    ),
  )('derived timestamp: $spec', (vector) => {
    const ms = (text: string | null | undefined) =>
      text ? Date.parse(`${text.replace(' ', 'T')}Z`) : undefined;
    const parameters = Object.entries({
      dtm: ms(vector.dvce_created),
      stm: ms(vector.dvce_sent),
      ttm: ms(vector.true),
    })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]);
    const event = enrichQuery(
      Object.fromEntries(parameters),
      {},
      { msec: (ms(vector.collector)! / 1000).toFixed(3) },
    );
    expect(event!.derived_tstamp).toBe(instant(vector.expected!));
  });
});
