import type { CoverageCell, ScenarioResult, SuiteResult } from '../suite-result.ts';
import { html, Markup } from './markup.ts';
import { bytes, count } from './numbers.ts';
import { STYLE } from './style.ts';

const HEADLINE = {
  pass: 'Every scenario came out as promised',
  fail: 'Promises were not kept',
  unknown: 'Nobody can say whether every promise was kept',
} as const;

/** The report of a suite as one self-contained HTML file; each scenario's own report lies beside it. */
export function suitePage(result: SuiteResult): string {
  const { verdict, scenarios, machine, seed, version, startedAt, reproduce } = result;
  const events = scenarios.reduce((sum, one) => sum + one.events, 0);
  const faults = scenarios.reduce((sum, one) => sum + one.faults.length, 0);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>clickproof verify: ${verdict}</title><style>${new Markup(STYLE)}</style></head><body><main>
<header class="${verdict}"><h1>${HEADLINE[verdict]}</h1>
<p>${scenarios.length} ${scenarios.length === 1 ? 'scenario' : 'scenarios'}, ${count(events)} events, ${count(faults)} faults, seed ${seed}</p>
<p class="soft">clickproof ${version} · ${startedAt} · ${machine.cores} cores, ${bytes(machine.memoryBytes)}, ${machine.cpu}</p></header>
${overview(scenarios)}
${coverageTable('Which faults ran, and on what', cellsOf(result, 'faults'))}
${coverageTable('At which steps each stage died', cellsOf(result, 'fail points'))}
${scenarios.map(details)}
<h2>The run</h2><ul>${descriptions(scenarios).map((line) => html`<li>${line}</li>`)}</ul><p>Once more:</p><pre>${reproduce}</pre>
</main></body></html>
`.text;
}

const SIDE = { pass: 'right', fail: 'wrong', unknown: 'wrong' } as const;

function overview(scenarios: readonly ScenarioResult[]): Markup {
  const rows = scenarios.map(
    (
      one,
    ) => html`<tr><td class="${SIDE[one.verdict]}">${one.verdict}</td><td class="text"><a href="#${one.name}">${one.name}</a></td>
<td class="text">${one.promised}</td><td>${count(one.faults.length)}</td><td>${count(one.events)}</td><td>${one.seconds.toFixed(0)} s</td></tr>`,
  );
  return html`<div class="scroll"><table><thead><tr><th>verdict</th><th class="text">scenario</th><th class="text">promised</th>
<th>faults</th><th>events</th><th>took</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

const cellsOf = ({ coverage }: SuiteResult, table: CoverageCell['table']) =>
  coverage.filter((cell) => cell.table === table);

/** Whom it happened to down, what happened across. */
function coverageTable(title: string, cells: readonly CoverageCell[]): Markup {
  if (cells.length === 0) return html``;
  const columns = [...new Set(cells.map(({ fault }) => fault))];
  const rows = [...new Set(cells.map(({ where }) => where))].map((where) => {
    const row = columns.map((fault) => {
      const cell = cells.find((one) => one.where === where && one.fault === fault);
      if (cell === undefined) return html`<td class="zero">not run</td>`;
      return html`<td class="${SIDE[cell.verdict]}">${cell.times} × <small>${count(cell.events)} events</small></td>`;
    });
    return html`<tr><td>${where}</td>${row}</tr>`;
  });
  return html`<h2>${title}</h2><div class="scroll"><table><thead><tr><th></th>${columns.map((name) => html`<th>${name}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function details(one: ScenarioResult): Markup {
  const faults = one.faults.map(
    ({ cell, began, ended, requests, observed, missing }) =>
      html`<tr><td>${cell.where}</td><td class="words">${cell.fault}</td><td>${(began / 1000).toFixed(1)} s</td>
<td>${((ended - began) / 1000).toFixed(1)} s</td><td>${count(requests)}</td><td class="text">${observed.join('; ')}
${missing.map((what) => html`<br><span class="wrong">not seen: ${what}</span>`)}</td></tr>`,
  );
  const report =
    one.events > 0 && one.folder !== '' && html` <a href="${one.folder}/report.html">its report</a>`;
  return html`<h2 id="${one.name}"><span class="${SIDE[one.verdict]}">${one.verdict}</span> ${one.name}</h2><p>${one.title}${report}</p>
${[...one.reasons.map((line) => html`<p class="wrong">${line}</p>`), ...one.seen.map((line) => html`<p>Seen: ${line}</p>`), ...(one.leftOut ?? []).map((line) => html`<p>Left out: <code>${line}</code></p>`)]}
${faults.length > 0 && html`<div class="scroll"><table><thead><tr><th></th><th class="text">fault</th><th>at</th><th>for</th><th>requests meanwhile</th><th class="text">what was seen</th></tr></thead><tbody>${faults}</tbody></table></div>`}
<pre>${one.reproduce}</pre>`;
}

function descriptions(scenarios: readonly ScenarioResult[]): string[] {
  return [...new Set(scenarios.flatMap(({ stack }) => stack.description))];
}
