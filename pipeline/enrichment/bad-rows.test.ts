import { expect, test } from 'vitest';
import { createEnrichment } from './enrich.ts';
import { type GoldenInput, goldenLine, readFixture } from './fixtures/golden.ts';
import { enrichmentSettings } from './settings.ts';

interface Condition {
  readonly bad_row_type: string;
  readonly field: string | null;
  readonly expectation: string | null;
  readonly input: GoldenInput;
  readonly golden_id: string;
}

const { conditions, not_bad_rows: notBad } = readFixture<{
  conditions: Condition[];
  not_bad_rows: { id: string; note: string }[];
}>('h_bad_rows.json');

const enrich = createEnrichment(enrichmentSettings.parse({ unknownSchemas: 'refuse' }));

/** Requests that our collector does not take for the tracker's, so that nothing of them is processed or failed. */
const IGNORED: ReadonlySet<string> = new Set(['path/', 'path//i/', 'path//a/b/c']);

test('all conditions are there', () => expect(conditions.length).toBe(138));

test.each(
  conditions.map((condition) => ({ ...condition, name: `${condition.golden_id}: ${condition.expectation}` })),
)('fails as in the reference: $name', ({ golden_id, input, bad_row_type: type }) => {
  const result = enrich(goldenLine(input), { receivedAt: 1_700_000_002_000 });
  if (IGNORED.has(golden_id)) {
    expect(result).toEqual({ class: 'ignored', why: 'unknown_path' });
    return;
  }
  if (result.class !== 'tracker') throw new Error(result.class);
  expect(result.failures.length).toBeGreaterThan(0);
  const types = {
    enrichment_failures: 'enrichment',
    schema_violations: 'schema_violation',
  }[type];
  expect(result.failures[0]!.type).toBe(types ?? 'tracker_protocol');
});

test('what the reference does not refuse is listed', () => expect(notBad.length).toBe(9));

const COMMON = 'aid=shop&eid=4e0c2d1e-7d5e-4a3b-9b9f-0f6d1b0f7a11&stm=1700000000500';

test.each([
  ['no eid', 'e=pv&p=web&tv=x'],
  ['no platform', `e=pv&tv=x&${COMMON}`],
  ['no tracker version', `e=pv&p=web&${COMMON}`],
  ['no url and no dtm', `e=pv&p=web&tv=x&${COMMON}`],
  ['an unknown parameter on GET', `e=pv&p=web&tv=x&unheard_of=1&${COMMON}`],
])('%s is no failure', (_name, querystring) => {
  const line = { ...goldenLine(conditions[0]!.input), query_string: querystring };
  const result = enrich(line, { receivedAt: 0 });
  expect(result).toMatchObject({ class: 'tracker', failures: [] });
});
