import type { ScenarioResult, SuiteResult } from './suite-result.ts';

/** The result of a suite as JUnit XML, as CI systems read it. `unknown` is an error, not a failure. */
export function junit({ scenarios, startedAt, finishedAt }: SuiteResult): string {
  const count = (verdict: string) => scenarios.filter((one) => one.verdict === verdict).length;
  const seconds = (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
  const counts = `tests="${scenarios.length}" failures="${count('fail')}" errors="${count('unknown')}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites ${counts} time="${seconds.toFixed(3)}">
<testsuite name="clickproof verify" ${counts} time="${seconds.toFixed(3)}" timestamp="${escaped(startedAt)}">
${scenarios.map(testCase).join('\n')}
</testsuite>
</testsuites>
`;
}

function testCase(scenario: ScenarioResult): string {
  const { name, title, verdict, reasons, promised, seen, seconds, events, reproduce, folder } = scenario;
  const leftOut = (scenario.leftOut ?? []).map((fault) => `left out: ${fault}`);
  const open = `<testcase classname="correctness" name="${escaped(name)}" time="${seconds.toFixed(3)}">`;
  const said = [title, `promised: ${promised}`, ...leftOut, ...seen, `${events} events`, reproduce].join(
    '\n',
  );
  const out = `<system-out>${escaped(said)}</system-out>`;
  if (verdict === 'pass') return `${open}${out}</testcase>`;
  const element = verdict === 'fail' ? 'failure' : 'error';
  const text = [...reasons, `history: ${folder}`, `again: ${reproduce}`].join('\n');
  return `${open}<${element} message="${escaped(reasons[0] ?? verdict)}">${escaped(text)}</${element}>${out}</testcase>`;
}

/** XML has no way at all to write most control characters. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
