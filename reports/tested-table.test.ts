import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { FaultResult, ScenarioResult, SuiteResult } from './suite-result.ts';
import { testedTable } from './tested-table.ts';

const fault = (name: string, where: string, more: Partial<FaultResult> = {}): FaultResult => ({
  cell: { table: 'faults', fault: name, where },
  ...{ began: 0, ended: 1, requests: 1, observed: [], missing: [] },
  ...more,
});
const suite = (...scenarios: Partial<ScenarioResult>[]): SuiteResult =>
  ({
    scenarios: scenarios.map((one) => ({
      promised: 'exact',
      verdict: 'pass',
      seen: [],
      events: 100,
      ...one,
    })),
  }) as unknown as SuiteResult;
const rowsOf = (...suites: SuiteResult[]) => testedTable(suites).split('\n').slice(2);

describe('what was tested', () => {
  it('is one row a fault and promise, over all suites; the events of a scenario count once', () => {
    const kills = { faults: [fault('SIGKILL', 'parser'), fault('SIGKILL', 'kafka')] };
    expect(rowsOf(suite(kills), suite(kills))).toEqual([
      '| SIGKILL | kafka, parser | exact | 4 | 200 | 2 pass |  |',
    ]);
  });

  it('does not count what was not seen to happen', () => {
    expect(rowsOf(suite({ faults: [fault('SIGKILL', 'parser', { missing: ['it was gone'] })] }))).toEqual([]);
  });

  it('says what did not come out as promised, and what was seen', () => {
    const at = 'accounted loss at access log';
    const lossy = { promised: at, faults: [fault('full disk', 'nginx')], seen: ['3 requests lost'] };
    expect(rowsOf(suite(lossy, { ...lossy, verdict: 'fail' }))).toEqual([
      `| full disk | nginx | ${at} | 2 | 200 | 1 pass, 1 fail | 3 requests lost |`,
    ]);
  });

  it('says once what was seen alike, from the least to the most', () => {
    const row = (...seen: string[]) => ({ faults: [fault('SIGKILL', 'nginx')], seen });
    const rows = rowsOf(
      suite(row('12 requests lost', 'it was named'), row('3 requests lost'), row('7 requests lost')),
    );
    expect(rows[0]).toContain('| 3 to 12 requests lost; it was named |');
  });

  it('takes ways and steps together', () => {
    const table = 'fail points';
    const rows = rowsOf(
      suite({
        faults: [
          fault('parser: cut', 'kafka'),
          fault('shipper: cut', 'kafka'),
          fault('commit:after', 'parser', { cell: { table, fault: 'commit:after', where: 'parser' } }),
          fault('zombie', 'parser', { cell: { table, fault: 'zombie at commit:before', where: 'parser' } }),
        ],
      }),
    );
    expect(rows.map((row) => row.split(' | ')[0])).toEqual([
      ...['| death at a step', '| network: cut', '| stands still at a step, and goes on'],
    ]);
  });
});

const BEGIN = '<!-- tested -->\n';
const END = '\n<!-- /tested -->';

// After other suites have been published: vitest run reports/tested-table.test.ts --update
it('the guarantees say what the published suites tested', async () => {
  const published = fileURLToPath(new URL('published/', import.meta.url));
  const guarantees = fileURLToPath(new URL('../docs/guarantees.md', import.meta.url));
  const files = readdirSync(published).map((run) => join(published, run, 'suite.json'));
  const suites = files
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as SuiteResult);
  const [before, rest] = readFileSync(guarantees, 'utf8').split(BEGIN) as [string, string];
  const after = rest.slice(rest.indexOf(END));
  await expect(`${before}${BEGIN}${testedTable(suites)}${after}`).toMatchFileSnapshot(guarantees);
});
