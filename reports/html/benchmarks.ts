import { aimMet, type BenchmarkResult, type ProfileEntry, type Result } from '../result.ts';
import { lineChart } from './line-chart.ts';
import { html, type Markup } from './markup.ts';
import { bytes } from './numbers.ts';

const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const figure = (value: number): string => number.format(value);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** The head of a report of figures alone: no traffic went through the pipeline, so there is no verdict to show. */
export function benchmarkHeading(result: Result): Markup {
  const { machine } = result;
  return html`<header><h1>Benchmark</h1>
<p>${result.reproduce}</p><p class="soft">clickproof ${result.version} · ${result.startedAt} · ${machine.cores} cores,
${bytes(machine.memoryBytes)}, ${machine.cpu} · Node ${machine.node}</p></header>`;
}

/** The figures of a benchmark, each beside its reference; then how each was measured. */
export function benchmarks({ benchmarks: found = [] }: Result): Markup {
  if (found.length === 0) return html``;
  return html`<h2>How fast <small>medians; the interval in brackets; references measured in turns in the same run</small></h2>
<div class="scroll"><table><thead><tr><th>what</th><th>measured</th><th></th><th>beside</th><th></th><th>aim</th></tr></thead>
<tbody>${found.map(row)}</tbody></table></div>
${found.map(details)}`;
}

function row(one: BenchmarkResult): Markup {
  const { low, high } = one.spread;
  const { ratioSpread: ratio } = one;
  const met = aimMet(one);
  return html`<tr><td>${one.name}</td><td><b>${figure(one.value)}</b> ${one.unit}</td>
<td class="soft">${one.samples.length > 1 && `[${figure(low)}, ${figure(high)}]`}</td>
<td>${one.reference && html`${figure(one.reference.value)} <small>${one.reference.name}</small>`}</td>
<td>${one.ratio !== undefined && `× ${figure(one.ratio)}`}
${ratio && one.samples.length > 1 && html`<small>[${figure(ratio.low)}, ${figure(ratio.high)}]</small>`}</td>
<td class="${met === undefined ? '' : met ? 'right' : 'wrong'}">${one.aim !== undefined && `${one.better === 'more' ? '≥' : '≤'} ${figure(one.aim)}: ${met ? 'reached' : 'missed'}`}</td></tr>`;
}

function details(one: BenchmarkResult): Markup {
  const { confidence } = one.spread;
  const replicates =
    one.samples.length > 1
      ? `${one.samples.length} replicates: ${one.samples.map(figure).join(', ')}; the interval holds the median with ${percent(confidence)}`
      : undefined;
  const notes = [
    ...one.notes,
    ...(replicates === undefined ? [] : [replicates]),
    ...(one.published ?? []).map(({ name, value, source }) => `${name}: ${figure(value)} (${source})`),
  ];
  return html`<h3>${one.name}</h3><ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>
${one.cpuPerEvent && cost(one.cpuPerEvent)}${one.series && lineChart(one.name, 'MB, by the second', one.series)}${one.profile && profile(one.profile)}`;
}

function cost(parts: NonNullable<BenchmarkResult['cpuPerEvent']>): Markup {
  const sum = parts.reduce((total, { microseconds }) => total + microseconds, 0);
  const rows = [...parts, { role: 'all together', microseconds: sum }].map(
    ({ role, microseconds }) => html`<tr><td>${role}</td><td>${figure(microseconds)} µs</td></tr>`,
  );
  return html`<div class="scroll"><table><thead><tr><th>process</th><th>CPU an event</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function profile(entries: readonly ProfileEntry[]): Markup {
  const rows = entries.map(
    (entry) =>
      html`<tr><td>${entry.process}</td><td class="text"><code>${entry.function}</code> <small>${entry.where}</small></td><td>${percent(entry.share)}</td></tr>`,
  );
  return html`<p>The aim was missed; where the time went:</p>
<div class="scroll"><table><thead><tr><th>process</th><th class="text">function</th><th>of its busy time</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}
