import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { planReplay, readRecordedRequests } from '../../simulator/replay/index.ts';
import { CLEAN, outcome, runScenario } from './embedded.ts';

const RECORDING = fileURLToPath(
  new URL('../../simulator/replay/fixtures/tracker-requests.ndjson', import.meta.url),
);

test('the recorded requests of the real tracker arrive complete, field by field, in ClickHouse', async () => {
  const result = await runScenario({
    mark: '',
    seed: 0,
    settings: {},
    plan: planReplay(readRecordedRequests(RECORDING), Number.POSITIVE_INFINITY),
    speed: 'max',
  });
  expect(outcome(result)).toEqual(CLEAN);
  const delivered = Object.fromEntries(result.hops.map((hop) => [hop.hop, hop.delivered]));
  expect(delivered).toEqual({
    'access log': 24,
    tracking_raw: 24,
    tracking_processed: 28,
    tracking_failed: 0,
    tracking_flattened: 28,
    profiles: 4,
    tracking_persisted: 28,
    ClickHouse: 28,
  });
  expect(result.profiles).toMatchObject({ wrong: 0 });
  expect(result.profiles?.visitors).toBeGreaterThan(0);
});
