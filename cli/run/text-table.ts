/** A table of text: the first column to the left, numbers to the right. */
export function textTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, i) => Math.max(width(title), ...rows.map((row) => width(row[i] ?? ''))));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) =>
        i === 0 ? cell + ' '.repeat(widths[i]! - width(cell)) : ' '.repeat(widths[i]! - width(cell)) + cell,
      )
      .join('   ')
      .trimEnd();
  return [line(header), ...rows.map(line)].map((text) => `  ${text}`).join('\n');
}

/** Columns on a terminal, near enough: characters, less the escape sequences that colour them. */
export function width(text: string): number {
  return [...text.replaceAll(/\u001b\[[0-9;]*m/g, '')].length;
}
