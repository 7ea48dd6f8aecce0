import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectRequest } from './expect.ts';
import type { SentRequest } from './request.ts';
import { DEFAULT_ORACLE_SETTINGS } from './settings.ts';

/** What the reference made of 691 requests: every outcome and every stated field must be the same. */

interface GoldenInput {
  id: string;
  path: string;
  querystring?: string;
  body?: string;
  contentType?: string;
  ip: string;
  userAgent?: string;
  networkUserId?: string;
  refererUri?: string;
  headers: string[];
}

interface GoldenOutput {
  id: string;
  n: number;
  good?: Record<string, unknown>;
  bad?: unknown;
}

const lines = <T>(name: string): T[] =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);

const inputs = lines<GoldenInput>('golden-inputs.jsonl');
const outputs = Map.groupBy(lines<GoldenOutput>('golden-outputs.jsonl'), ({ id }) => id);

/** Where this pipeline decides otherwise than the reference, and why. */
const OUTCOME_EXCEPTIONS: readonly (readonly [RegExp, string])[] = [
  [
    /^(co|cx|cx-nopad|ue_pr|ue_px)\/(schema-not-found|inner-not-found|1-x version)$/,
    'data of a schema that is not known is taken as it is: there is no schema registry',
  ],
  [/^post\/ct\/(3|6)$/, 'the reference collector normalises the content type before the parser sees it'],
  [/^post\/body\/1-valid-1-invalid$/, 'an invalid item fails only itself'],
  [
    /^(path\/|path\/\/a\/b\/c|path\/\/i\/)$/,
    'the collector answers 404, so nothing is logged as a tracker request',
  ],
  [/^redirect\//, 'redirects are off'],
  [/^iglu\/get$/, 'the Iglu webhook is no tracker'],
  [/^ts\/collector\//, 'the time of collection is not part of the request'],
  [/^path\/\/ice\.png\?x$/, 'a second `?` belongs to the query string over HTTP'],
  [/^path\/com\.snowplow/, 'a target always begins with a slash'],
];

/** Fields that stay unstated in these cases, though the reference gives them. */
const FIELD_EXCEPTIONS: Readonly<Record<string, string>> = {
  'ip/forwarded-header': 'the access log has no Forwarded header, so the address is that of the connection',
};

/** What no request tells: times and versions of the pipeline, enrichments that the oracle does not repeat, JSON documents. */
const NOT_OF_THE_REQUEST = new Set([
  'etl_tstamp',
  'collector_tstamp',
  'derived_tstamp',
  'v_collector',
  'v_etl',
  'contexts',
  'derived_contexts',
  'unstruct_event',
  'refr_medium',
  'refr_source',
  'refr_term',
]);

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

function requestOf(input: GoldenInput): SentRequest {
  const headers: [string, string][] = [];
  if (input.userAgent !== undefined) headers.push(['User-Agent', latin1(input.userAgent)]);
  if (input.networkUserId !== undefined) headers.push(['Cookie', `sp=${input.networkUserId}`]);
  if (input.refererUri !== undefined) headers.push(['Referer', latin1(input.refererUri)]);
  if (input.contentType !== undefined) headers.push(['Content-Type', input.contentType]);
  for (const header of input.headers) {
    const colon = header.indexOf(': ');
    if (!header.startsWith('Host')) headers.push([header.slice(0, colon), header.slice(colon + 2)]);
  }
  const isPost = input.body !== undefined || input.contentType !== undefined;
  return {
    method: isPost ? 'POST' : 'GET',
    target: input.path + (input.querystring === undefined ? '' : `?${latin1(input.querystring)}`),
    headers,
    body: input.body ?? null,
  };
}

const exceptional = (id: string): boolean => OUTCOME_EXCEPTIONS.some(([pattern]) => pattern.test(id));

describe('golden requests of the reference', () => {
  const compared = inputs.filter(({ id }) => !exceptional(id));

  it('covers nearly all of them', () => {
    expect(compared.length).toBeGreaterThan(640);
  });

  it.each(compared.map((input) => [input.id, input] as const))('%s', (id, input) => {
    const verdict = expectRequest(requestOf(input), {
      ...DEFAULT_ORACLE_SETTINGS,
      clientAddress: input.ip,
      rawBytesInTarget: true,
    });
    const golden = outputs.get(id)!;
    expect(verdict.events.map((event) => event.expect)).toEqual(
      golden.map(({ good }) => (good ? 'processed' : 'failed')),
    );
    verdict.events.forEach((event, i) => {
      const good = golden[i]!.good;
      if (!good) return;
      const stated = Object.entries(event.fields).filter(([name]) => name.startsWith('event-'));
      for (const [field, value] of stated) {
        const name = field.slice('event-'.length);
        if (id in FIELD_EXCEPTIONS && name === 'user_ipaddress') continue;
        expect({ [name]: value }).toEqual({ [name]: good[name] });
      }
      if (event.id !== null) expect(event.id).toBe(good.event_id);
      expectEntities(event.fields, good);
    });
  });

  it('states nearly every field that a request tells', () => {
    let told = 0;
    const silent = new Map<string, number>();
    for (const input of compared) {
      const { events } = expectRequest(requestOf(input), {
        ...DEFAULT_ORACLE_SETTINGS,
        clientAddress: input.ip,
      });
      outputs.get(input.id)!.forEach(({ good }, i) => {
        for (const name of Object.keys(good ?? {})) {
          if (NOT_OF_THE_REQUEST.has(name)) continue;
          told++;
          if (!(`event-${name}` in events[i]!.fields)) silent.set(name, (silent.get(name) ?? 0) + 1);
        }
      });
    }
    const total = [...silent.values()].reduce((sum, count) => sum + count, 0);
    expect(total / told, JSON.stringify([...silent])).toBeLessThan(0.005);
  });
});

const NAMESPACES: Readonly<Record<string, string>> = {
  'iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0':
    'com_snowplowanalytics_snowplow_web_page_1',
  'iglu:com.snowplowanalytics.snowplow/geolocation_context/jsonschema/1-1-0':
    'com_snowplowanalytics_snowplow_geolocation_context_1',
  'iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1':
    'com_snowplowanalytics_snowplow_link_click_1',
};

interface Document {
  data?:
    | { schema: string; data: Record<string, unknown> }[]
    | { schema: string; data: Record<string, unknown> };
}

function expectEntities(fields: Readonly<Record<string, unknown>>, good: Record<string, unknown>): void {
  const entities = [
    ...[(good.contexts as Document | undefined)?.data ?? []].flat(),
    ...[(good.unstruct_event as Document | undefined)?.data ?? []].flat(),
  ];
  const stated = Object.keys(fields)
    .filter((name) => name.startsWith('com_'))
    .sort();
  const wanted: Record<string, unknown> = {};
  for (const { schema, data } of entities)
    for (const [name, value] of Object.entries(data)) wanted[`${NAMESPACES[schema]}-${name}`] = value;
  expect(stated).toEqual(Object.keys(wanted).sort());
  for (const name of stated) expect({ [name]: fields[name] }).toEqual({ [name]: wanted[name] });
}
