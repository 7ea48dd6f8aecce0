/** A number, as it stands in a table: `12`, `1,234`, `0.5`, `3/s`, or nothing. */
const NUMBER = /^[\d.,]*(\/s)?$/;

/** A table: text to the left, numbers to the right. */
export function textTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, i) => Math.max(width(title), ...rows.map((row) => width(row[i] ?? ''))));
  const isText = header.map((_, i) => i === 0 || rows.some((row) => !NUMBER.test(plain(row[i] ?? ''))));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => {
        const space = ' '.repeat(widths[i]! - width(cell));
        return isText[i] ? cell + space : space + cell;
      })
      .join('   ')
      .trimEnd();
  return [line(header), ...rows.map(line)].map((text) => `  ${text}`).join('\n');
}

/** Columns on a terminal, near enough: characters, less the escape sequences that colour them. */
export function width(text: string): number {
  return [...plain(text)].length;
}

const plain = (text: string): string => text.replaceAll(/\u001b\[[0-9;]*m/g, '');
