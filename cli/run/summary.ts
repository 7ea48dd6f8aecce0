import { rateAsked } from '../../reports/rate-asked.ts';
import type { Result } from '../../reports/result.ts';
import type { Paint } from './paint.ts';
import { textTable } from './text-table.ts';

const HEADLINE = {
  pass: 'PASS  every event is accounted for',
  fail: 'FAIL  events are not accounted for',
  unknown: 'UNKNOWN  nobody can say whether every event is accounted for',
} as const;

const FAULTS = ['lost', 'duplicated', 'corrupted', 'misrouted', 'outOfOrder', 'spurious'] as const;

/** What a run came to, as text for a terminal. */
export function summary(result: Result, paint: Paint): string {
  const verdict = { pass: paint.good, fail: paint.bad, unknown: paint.unsure }[result.verdict];
  const parts = [hopTable(result, paint), ...result.tables.map((table) => analystTable(table, paint))];
  const { traffic } = result;
  const asked = rateAsked(result);
  const facts =
    `${traffic.events} events in ${traffic.requests} requests sent, ${traffic.seconds.toFixed(1)} s, ` +
    `${Math.round(traffic.eventsPerSecond)} events/s${asked ? ` (asked for: ${asked.rate})` : ''}; answered p50 ${latency(result, 'p50')}, p99 ${latency(result, 'p99')}` +
    (traffic.stopped ? '; stopped early, the rest of the traffic was not sent' : '') +
    (asked?.why ? `\n${paint.dim(asked.why)}` : '') +
    (traffic.generator.bottleneck
      ? `\nrequests left up to ${traffic.generator.lag.p99.toFixed(0)} ms late (p99): this machine was too busy for the latencies to say much`
      : '') +
    (traffic.generator.dropped > 0 && !traffic.stopped
      ? `\n${traffic.generator.dropped} more requests were planned, but not sent`
      : '');
  const findings = result.findings.slice(0, 10).map((finding) => {
    const fields = (finding.fields ?? []).map(
      ({ name, expected, seen }) =>
        `\n      ${name}: ${JSON.stringify(expected)} became ${JSON.stringify(seen)}`,
    );
    return `  ${finding.kind} at ${finding.hop}: ${finding.key} (${finding.where})${fields.join('')}`;
  });
  return [
    ...parts,
    facts,
    ...(result.benchmarks ?? []).map(
      ({ name, value, unit }) => `${name}: ${Number(value.toPrecision(3))} ${unit}`,
    ),
    ...result.restarts.map(({ role, how }) => paint.bad(`${role} ${how} and was started again`)),
    paint.bold(verdict(HEADLINE[result.verdict])),
    ...result.reasons.map((reason) => `  ${reason}`),
    ...(findings.length > 0 ? ['samples:', ...findings] : []),
  ].join('\n');
}

function hopTable(result: Result, paint: Paint): string {
  const rows = result.hops.map((hop) => [
    `${hop.hop} ${paint.dim(hop.unit)}`,
    String(hop.expected),
    hop.delivered === hop.expected ? paint.good(String(hop.delivered)) : paint.bad(String(hop.delivered)),
    ...FAULTS.map((name) => (hop[name] > 0 ? paint.bad(String(hop[name])) : paint.dim('0'))),
  ]);
  const header = [
    'hop',
    'expected',
    'delivered',
    'lost',
    'doubled',
    'altered',
    'misrouted',
    'disordered',
    'made up',
  ];
  const expected =
    'expected: what the collector accepted. Requests that it refused, and those that are no tracker’s, are not followed';
  return `${textTable(header.map(paint.dim), rows)}\n${paint.dim(expected)}\n`;
}

const WIDEST = 60;

function analystTable(table: Result['tables'][number], paint: Paint): string {
  if (table.rows.length === 0) return `${paint.bold(table.title)}\n  none\n`;
  const cut = (text: string) => (text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text);
  const rows = table.rows.slice(0, 5).map((row) => row.map((value) => cut(String(value))));
  return `${paint.bold(table.title)}\n${textTable(table.columns.map(paint.dim), rows)}\n`;
}

function latency(result: Result, which: 'p50' | 'p99'): string {
  return `${result.latency[0]?.[which].toFixed(1) ?? '?'} ms`;
}
