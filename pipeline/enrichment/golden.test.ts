import { beforeAll, describe, expect, test } from 'vitest';
import { type GoldenInput, type GoldenOutput, goldenLine, readFixtureLines } from './fixtures/golden.ts';
import { lineEnricher } from './index.ts';
import { enrichmentSettings } from './settings.ts';

/**
 * Where our outcome is meant to differ from the reference's, and why. Everything else is equal, field by field; the
 * reasons are in docs/decisions.
 */
const DIFFERENT: Readonly<Record<string, { readonly fields?: readonly string[]; readonly why: string }>> = {
  'missing/eid': { fields: ['event_id'], why: 'derived instead of random' },
  'redirect/with-co': { fields: ['event_id'], why: 'derived instead of random' },
  'iglu/get': { fields: ['event_id'], why: 'derived instead of random' },
  'param/stm/7': { fields: ['derived_tstamp'], why: 'the reference is a day off before the year 0' },
  'ip/forwarded-header': { fields: ['user_ipaddress'], why: 'the Forwarded header is not in the access log' },
  'path/': { why: 'no tracker request: ignored' },
  'path//a/b/c': { why: 'no tracker request: ignored' },
  'post/body/1-valid-1-invalid': { why: 'the valid event is kept' },
};

/** Names the program and its release. */
const NEVER_EQUAL: ReadonlySet<string> = new Set(['v_etl']);

const FAILURE_TYPES: Readonly<Record<string, string>> = {
  enrichment_failures: 'enrichment',
  schema_violations: 'schema_violation',
  tracker_protocol_violations: 'tracker_protocol',
  collector_payload_format_violation: 'tracker_protocol',
  adapter_failures: 'tracker_protocol',
};

const inputs = new Map(
  readFixtureLines<GoldenInput>('k_golden_inputs.jsonl').map((input) => [input.id, input]),
);
const outputs = readFixtureLines<GoldenOutput>('k_golden_outputs.jsonl');

interface Outcome {
  readonly index: number | null;
  readonly event?: Record<string, unknown>;
  readonly failed?: { readonly type: string; readonly errors: readonly { readonly field?: string }[] };
}

let outcomes: Map<string, Outcome[]>;

beforeAll(() => {
  const enrich = lineEnricher(enrichmentSettings.parse({ collectorName: 'ref', unknownSchemas: 'refuse' }));
  outcomes = new Map(
    Array.from(inputs, ([id, input]) => {
      const envelope = { '@timestamp': '2023-11-14T22:13:22Z', message: JSON.stringify(goldenLine(input)) };
      return [id, enrich(JSON.stringify(envelope)).output.map((line) => JSON.parse(line) as Outcome)];
    }),
  );
});

const expected = outputs.filter(
  ({ id }) => DIFFERENT[id] === undefined || DIFFERENT[id].fields !== undefined,
);

describe('the recorded run of the reference', () => {
  test('is complete', () => {
    expect(inputs.size).toBe(691);
    expect(outputs.length).toBe(694);
    expect(outputs.length - expected.length).toBe(3);
  });

  test.each(expected.filter(({ good }) => good))('$id, event $n', ({ id, n, good }) => {
    const ours = outcomes.get(id)!.find(({ index }) => index === n);
    const ignored = new Set([...NEVER_EQUAL, ...(DIFFERENT[id]?.fields ?? [])]);
    const comparable = (event: object | undefined) =>
      event && Object.fromEntries(Object.entries(event).filter(([name]) => !ignored.has(name)));
    expect(ours?.failed).toBeUndefined();
    expect(comparable(ours?.event)).toEqual(comparable(good));
  });

  test.each(expected.filter(({ bad }) => bad))('$id, failure $n', ({ id, n, bad }) => {
    const ours = outcomes.get(id)!.find(({ index }) => index === n || index === null);
    expect(ours?.event).toBeUndefined();
    expect(ours?.failed?.type).toBe(FAILURE_TYPES[bad!.schema.split('/')[1]!]);
    // Where the reference names a parameter or a length, we name the same one.
    const text = JSON.stringify(bad!.failure);
    const named =
      /"field": "(?!contentType|body|co\|cx|querystring)([\w]+)"/.exec(text) ??
      /Field (\w+) longer/.exec(text);
    if (named) expect(ours!.failed!.errors.map(({ field }) => field)).toContain(named[1]);
  });

  test('parameters of a POST that is valid in part become its valid events', () => {
    const [first, second, ...rest] = outcomes.get('post/body/1-valid-1-invalid')!;
    expect(first).toMatchObject({
      index: 0,
      event: { event: 'struct', platform: 'mob', v_tracker: 'ios-0.1.0' },
    });
    expect(second).toMatchObject({ index: 1, failed: { type: 'tracker_protocol' } });
    expect(rest).toEqual([]);
  });

  test.each(['path/', 'path//a/b/c'])('%s is no tracker request', (id) =>
    expect(outcomes.get(id)).toEqual([]),
  );

  test.each(['missing/eid', 'redirect/with-co', 'iglu/get'])('%s gets an id, the same every time', (id) => {
    expect(outcomes.get(id)![0]!.event!.event_id).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-/,
    );
  });
});
