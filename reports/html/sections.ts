import { rateAsked } from '../rate-asked.ts';
import type { Result, TableResult } from '../result.ts';
import { lineChart } from './line-chart.ts';
import { html, type Markup } from './markup.ts';
import { bytes, count, milliseconds } from './numbers.ts';

const HEADLINE = {
  pass: 'Every event is accounted for',
  fail: 'Events are not accounted for',
  unknown: 'Nobody can say whether every event is accounted for',
} as const;

export function heading(result: Result): Markup {
  const { traffic } = result;
  const asked = rateAsked(result);
  return html`<header class="${result.verdict}"><h1>${HEADLINE[result.verdict]}</h1>
<p>${count(traffic.events)} events in ${count(traffic.requests)} requests sent, ${traffic.seconds.toFixed(1)} s,
${count(traffic.eventsPerSecond)} events/s${asked && ` (asked for: ${count(asked.rate)})`} through the ${result.stack.kind} stack</p>
${asked?.why && html`<p class="soft">${asked.why}</p>`}
<p class="soft">clickproof ${result.version} · ${result.command} · ${result.startedAt} · ${result.machine.cores} cores,
${bytes(result.machine.memoryBytes)}, ${result.machine.cpu}</p></header>
${result.reasons.length > 0 && html`<ul>${result.reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`}`;
}

export function facts(result: Result): Markup {
  const total = (pick: (hop: Result['hops'][number]) => number) =>
    result.hops.reduce((sum, hop) => sum + pick(hop), 0);
  const { answers } = result.traffic;
  const fact = (value: string, what: string, wrong = false) =>
    html`<div class="fact"><b class="${wrong ? 'wrong' : ''}">${value}</b><span>${what}</span></div>`;
  const fault = (value: number, what: string) => fact(count(value), what, value > 0);
  return html`<div class="facts">
${fact(count(answers.acknowledged), 'requests acknowledged')}
${fault(
  total((hop) => hop.lost),
  'lost',
)}
${fault(
  total((hop) => hop.duplicated),
  'counted twice',
)}
${fault(
  total((hop) => hop.corrupted),
  'altered',
)}
${fault(
  total((hop) => hop.outOfOrder),
  'out of order',
)}
${fault(
  total((hop) => hop.spurious),
  'made up',
)}
</div>`;
}

export function hops(result: Result): Markup {
  const columns = ['lost', 'duplicated', 'corrupted', 'misrouted', 'outOfOrder', 'spurious'] as const;
  const cell = (value: number) => html`<td class="${value > 0 ? 'wrong' : 'zero'}">${count(value)}</td>`;
  const rows = result.hops.map((hop) =>
    hop.read
      ? html`<tr><td>${hop.hop} <small>${hop.unit}</small></td><td>${count(hop.expected)}</td>
<td class="${hop.delivered === hop.expected ? 'right' : 'wrong'}">${count(hop.delivered)}</td>
${columns.map((name) => cell(hop[name]))}<td class="zero">${count(hop.indeterminate)}</td>
<td class="zero">${count(hop.foreign)}</td></tr>`
      : html`<tr><td>${hop.hop} <small>${hop.unit}</small></td><td colspan="9" class="text soft">${hop.unreadable ?? 'could not be read'}</td></tr>`,
  );
  return html`<h2>What became of the events, hop by hop</h2>
<div class="scroll"><table><thead><tr><th>hop</th><th>expected</th><th>delivered</th><th>lost</th><th>doubled</th>
<th>altered</th><th>misrouted</th><th>disordered</th><th>made up</th><th>unanswered</th><th>foreign</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

export function findings(result: Result): Markup {
  if (result.findings.length === 0) return html``;
  const rows = result.findings.map(
    (
      one,
    ) => html`<tr><td>${one.kind}</td><td class="text">${one.hop}</td><td class="text"><code>${one.key}</code></td>
<td class="text">${one.where}${(one.fields ?? []).map(
      (field) =>
        html`<br><code>${field.name}</code>: ${JSON.stringify(field.expected) ?? 'absent'} became ${JSON.stringify(field.seen) ?? 'absent'}`,
    )}</td></tr>`,
  );
  return html`<h2>Samples of what was found</h2><div class="scroll"><table><thead><tr><th>what</th>
<th class="text">hop</th><th class="text">event</th><th class="text">seen</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

export function conservation(result: Result): Markup {
  if (result.conservation.length === 0) return html``;
  const sum = (parts: Readonly<Record<string, number>>) =>
    Object.entries(parts)
      .map(([name, value]) => `${name} ${count(value)}`)
      .join(' + ');
  const rows = result.conservation.map(
    (one) => html`<tr><td>${one.name}</td><td class="text">${sum(one.left)} = ${sum(one.right)}</td>
<td class="${one.holds ? 'right' : 'wrong'}">${one.holds ? 'holds' : 'broken'}</td></tr>`,
  );
  return html`<h2>Nothing disappears uncounted</h2>
<p class="soft">The head of this page counts what was sent. Expected here is what the collector took of it: not what it refused (too large), and not
what is no tracker request, whose lines are ignored. An unknown path is such a one, so requests answered with an error and lines refused are two numbers.</p>
<div class="scroll"><table><tbody>${rows}</tbody></table></div>`;
}

/** What the pipeline says of itself; what cannot be compared is said once a role and reason. */
export function metrics({ metrics = [] }: Result): Markup {
  if (metrics.length === 0) return html``;
  const compared = metrics.filter(({ notComparable }) => notComparable === undefined);
  const rows = compared.map(
    ({ role, counter, said = 0, counted = 0 }) => html`<tr><td>${role}</td><td class="text">${counter}</td>
<td class="${said === counted ? 'right' : 'wrong'}">${count(said)}</td><td>${count(counted)}</td></tr>`,
  );
  const reasons = Map.groupBy(
    metrics.filter(({ notComparable }) => notComparable !== undefined),
    ({ role, notComparable }) => `${role} ${notComparable}`,
  );
  const others = [...reasons.values()].map((all) => {
    const { role, notComparable } = all[0]!;
    const counters = all.map(({ counter }) => counter).join(', ');
    return html`<tr><td>${role}</td><td class="text">${counters}</td><td class="text soft" colspan="2">not compared: ${notComparable}</td></tr>`;
  });
  return html`<h2>What the pipeline counts of itself</h2>
<p class="soft">Since the run began, by the counters of its own processes, beside what the checker’s readers counted.</p>
<div class="scroll"><table><thead><tr><th>role</th><th class="text">counter</th><th>says</th><th>counted</th></tr></thead>
<tbody>${rows}${others}</tbody></table></div>`;
}

/** Samples, of which there is one a second: stages work in batches, and single seconds would be all peaks and gaps. */
const SMOOTHED_OVER = 5;

export function timeline(result: Result): Markup {
  const samples = result.timeline;
  if (samples.length < 2) return html``;
  const names = [...new Set(samples.flatMap((sample) => Object.keys(sample.counts)))];
  const groups = [...new Set(samples.flatMap((sample) => Object.keys(sample.lag)))];
  const rates = names.map((name) => ({
    name,
    points: samples.slice(1).map((sample, i) => {
      const before = samples[Math.max(0, i + 1 - SMOOTHED_OVER)]!;
      const seconds = Math.max(0.001, sample.at - before.at);
      return [
        sample.at,
        Math.max(0, ((sample.counts[name] ?? 0) - (before.counts[name] ?? 0)) / seconds),
      ] as const;
    }),
  }));
  const lag = groups.map((name) => ({
    name,
    points: samples.map((sample) => [sample.at, sample.lag[name] ?? 0] as const),
  }));
  return html`<h2>While it ran</h2>${lineChart('Rate at each hop', `records a second, over ${SMOOTHED_OVER} s`, rates)}
${lag.length > 0 && lineChart('Lag of each consumer group', 'records behind', lag)}`;
}

export function latency(result: Result): Markup {
  if (result.latency.length === 0) return html``;
  const rows = result.latency.map(
    (one) => html`<tr><td>${one.name}</td><td>${count(one.count)}</td><td>${milliseconds(one.p50)}</td>
<td>${milliseconds(one.p90)}</td><td>${milliseconds(one.p99)}</td><td>${milliseconds(one.max)}</td></tr>`,
  );
  return html`<h2>How fast</h2><div class="scroll"><table><thead><tr><th></th><th>count</th>
<th>p50</th><th>p90</th><th>p99</th><th>max</th></tr></thead><tbody>${rows}</tbody></table></div>
${result.traffic.generator.bottleneck && html`<p class="soft">Requests left up to ${milliseconds(result.traffic.generator.lag.p99)} late (p99): the machine was too busy to send in time, so these latencies say little of the pipeline. The counts above are not concerned.</p>`}`;
}

/** Text to the left, numbers to the right. */
const side = (value: string | number | undefined): string => (typeof value === 'number' ? '' : 'text');

export function tables(result: Result): Markup {
  if (result.tables.length === 0) return html``;
  const table = ({
    title,
    columns,
    rows,
  }: TableResult) => html`<div><h3>${title}</h3><div class="scroll"><table>
<thead><tr>${columns.map((name, i) => html`<th class="${side(rows[0]?.[i])}">${name}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((value) => html`<td class="${side(value)}">${typeof value === 'number' ? count(value) : value}</td>`)}</tr>`)}</tbody></table></div></div>`;
  return html`<h2>What an analyst sees <small>out of ClickHouse</small></h2><div class="columns">${result.tables.map(table)}</div>`;
}

export function about(result: Result): Markup {
  const kinds = Object.entries(result.traffic.byKind).map(([kind, value]) => `${kind} ${count(value)}`);
  const rows = result.processes.map(
    (one) =>
      html`<tr><td>${one.role}</td><td>${bytes(one.peakMemoryBytes)}</td><td>${one.cpuSeconds.toFixed(1)} s</td></tr>`,
  );
  return html`<h2>The run</h2><p>Traffic: ${kinds.join(', ')}; mark <code>${result.traffic.mark}</code>.
Generator lag p99 ${milliseconds(result.traffic.generator.lag.p99)}, ${count(result.traffic.generator.dropped)} requests not sent.</p>
${result.profiles && html`<p>Profiles: ${count(result.profiles.visitors)} visitors, ${count(result.profiles.correct)} as the fold of their events, ${count(result.profiles.wrong)} not.</p>`}
${result.check && html`<p>The check took ${result.check.seconds.toFixed(1)} s and at most ${bytes(result.check.peakMemoryBytes)}.</p>`}
${result.restarts.map((one) => html`<p class="wrong">${one.role} ${one.how} and was started again.</p>`)}
<ul>${result.stack.description.map((line) => html`<li>${line}</li>`)}</ul>
${rows.length > 0 && html`<div class="scroll"><table><thead><tr><th>process</th><th>peak memory</th><th>CPU</th></tr></thead><tbody>${rows}</tbody></table></div>`}
<p>Once more:</p><pre>${result.reproduce}</pre>`;
}
