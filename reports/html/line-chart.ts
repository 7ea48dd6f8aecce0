import { html, type Markup } from './markup.ts';
import { count } from './numbers.ts';

export interface Series {
  readonly name: string;
  /** x in seconds, y in the chart's unit. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

const WIDTH = 860;
const HEIGHT = 220;
const LEFT = 56;
const BOTTOM = 24;
const TOP = 10;
const RIGHT = 12;

/** A line chart as inline SVG: no script, prints well. Colours come from the classes `s0`, `s1`… */
export function lineChart(title: string, unit: string, series: readonly Series[]): Markup {
  const points = series.flatMap((one) => one.points);
  const xMax = Math.max(1, ...points.map(([x]) => x));
  const yMax = niceCeiling(Math.max(1, ...points.map(([, y]) => y)));
  const x = (value: number) => (LEFT + (value / xMax) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const y = (value: number) => (HEIGHT - BOTTOM - (value / yMax) * (HEIGHT - BOTTOM - TOP)).toFixed(1);
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (
      part,
    ) => html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(part * yMax)}" y2="${y(part * yMax)}"/>
<text class="tick" x="${LEFT - 6}" y="${y(part * yMax)}" text-anchor="end" dy="0.32em">${count(part * yMax)}</text>`,
  );
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (part) =>
      html`<text class="tick" x="${x(part * xMax)}" y="${HEIGHT - 6}" text-anchor="middle">${(part * xMax).toFixed(xMax < 20 ? 1 : 0)} s</text>`,
  );
  const lines = series.map(
    (one, i) =>
      html`<polyline class="line s${i % 6}" points="${one.points.map(([px, py]) => `${x(px)},${y(py)}`).join(' ')}"/>`,
  );
  const legend = series.map((one, i) => html`<span class="key"><i class="s${i % 6}"></i>${one.name}</span>`);
  return html`<figure><figcaption>${title} <small>${unit}</small></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">${grid}${ticks}${lines}</svg>
<div class="legend">${legend}</div></figure>`;
}

/** The next of 1, 2, 2.5, 5 times a power of ten. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 2, 2.5, 5, 10]) if (value <= step * power) return step * power;
  return 10 * power;
}
