import type { Counterexample } from './explore.ts';

/** Columns to the left, as wide as what is in them. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join('   ')}`.trimEnd();
  return [line(header), ...rows.map(line)].join('\n');
}

/** A counterexample, step by step. What the surroundings do is marked; beside what the pipeline does stands its fail point. */
export function printed<State>(
  part: string,
  without: string | undefined,
  { property, detail, trace }: Counterexample<State>,
): string {
  const widest = Math.max(...trace.map(({ what }) => what.length));
  const steps = trace.map(({ what, at, fault }, i) => {
    const number = String(i + 1).padStart(3);
    return `${number} ${fault ? '!' : ' '} ${what.padEnd(widest)}${at === undefined ? '' : `   ${at}`}`.trimEnd();
  });
  const title = `${part}${without === undefined ? '' : ` without ${without}`}`;
  return [title, ...steps, `    = ${property}: ${detail}`, ''].join('\n');
}
