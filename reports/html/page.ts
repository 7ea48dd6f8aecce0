import type { Result } from '../result.ts';
import { benchmarkHeading, benchmarks } from './benchmarks.ts';
import { html, Markup } from './markup.ts';
import {
  about,
  conservation,
  facts,
  findings,
  heading,
  hops,
  latency,
  metrics,
  tables,
  timeline,
} from './sections.ts';
import { STYLE } from './style.ts';

/** The report of a run as one self-contained HTML file. */
export function reportPage(result: Result): string {
  const title = `clickproof ${result.command}: ${result.verdict}`;
  const sent = result.traffic.requests > 0;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>${new Markup(STYLE)}</style></head>
<body><main>${sent ? heading(result) : benchmarkHeading(result)}${benchmarks(result)}${sent && traffic(result)}</main></body></html>
`.text;
}

function traffic(result: Result): Markup {
  return html`${facts(result)}${hops(result)}${findings(result)}${conservation(result)}${metrics(result)}
${timeline(result)}${latency(result)}${tables(result)}${about(result)}`;
}
