import { expect, it } from 'vitest';
import { suitePage } from './html/suite-page.ts';
import { junit } from './junit.ts';
import type { ScenarioResult, SuiteResult } from './suite-result.ts';

const scenario = (name: string, more: Partial<ScenarioResult>): ScenarioResult => ({
  ...{
    name,
    title: `<${name}> & more`,
    promised: 'exact',
    verdict: 'pass',
    reasons: [],
    seen: [],
    faults: [],
  },
  ...{ requests: 1, events: 2, seconds: 3, stack: { kind: 'embedded', description: ['a stack'] } },
  ...{ reproduce: `npm run verify -- --scenario ${name}`, folder: `scenarios/${name}` },
  ...more,
});

const suite: SuiteResult = {
  ...{ schema: 'clickproof.suite/1', version: '1', reproduce: 'npm run verify', seed: 1, verdict: 'fail' },
  ...{ startedAt: '2026-01-05T18:00:00.000Z', finishedAt: '2026-01-05T18:01:00.000Z' },
  machine: { cores: 2, cpu: 'x', memoryBytes: 1, platform: 'linux', node: 'v24' },
  scenarios: [
    scenario('good', {}),
    scenario('bad', { verdict: 'fail', reasons: ['1 event lost: "a"\u0000'] }),
    scenario('dim', {
      verdict: 'unknown',
      reasons: ['nobody knows'],
      faults: [
        {
          cell: { table: 'faults', fault: 'SIGKILL', where: 'parser' },
          ...{ began: 0, ended: 1, requests: 0, observed: [], missing: ['it was <gone>'] },
        },
      ],
    }),
  ],
  coverage: [
    {
      table: 'faults',
      fault: 'SIGKILL',
      where: 'parser',
      times: 2,
      events: 1_234,
      verdict: 'pass',
      scenarios: [],
    },
    {
      table: 'faults',
      fault: 'SIGSTOP',
      where: 'kafka',
      times: 1,
      events: 5,
      verdict: 'fail',
      scenarios: [],
    },
  ],
};

it('is JUnit XML: failures and errors apart, everything escaped', () => {
  const xml = junit(suite);
  expect(xml).toContain('<testsuites tests="3" failures="1" errors="1" time="60.000">');
  expect(xml).toContain('<failure message="1 event lost: &quot;a&quot;\ufffd">');
  expect(xml).toContain('<error message="nobody knows">');
  expect(xml).toContain('&lt;good&gt; &amp; more');
  expect(xml).not.toContain('\u0000');
  expect(xml.match(/<testcase /g)).toHaveLength(3);
  expect(xml.match(/<\/testcase>/g)).toHaveLength(3);
});

it('is a page with the verdicts, what was not seen, and the table of what ran', () => {
  const page = suitePage(suite);
  expect(page).toContain('Promises were not kept');
  expect(page).toContain('not seen: it was &lt;gone&gt;');
  expect(page).toContain(
    '<tr><td>parser</td><td class="right">2 × <small>1,234 events</small></td><td class="zero">not run</td></tr>',
  );
  expect(page).not.toContain('<good>');
});
