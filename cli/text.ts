/** Aligned text. Pure. */

export interface TextColumn<T> {
  readonly title: string;
  readonly text: (row: T) => string;
  /** Right-aligned. */
  readonly number?: boolean;
}

/** A heading and one line a row; each line ends in a line feed. */
export function textTable<T>(rows: readonly T[], columns: readonly TextColumn<T>[], bold = false): string {
  const cells = rows.map((row) => columns.map(({ text }) => text(row)));
  const widths = columns.map(({ title }, c) => Math.max(title.length, ...cells.map((row) => row[c].length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, c) => (columns[c].number === true ? cell.padStart(widths[c]) : cell.padEnd(widths[c])))
      .join('  ')
      .trimEnd();
  const heading = line(columns.map(({ title }) => title));
  return [bold ? emphasize(heading) : heading, ...cells.map(line)].map((text) => `${text}\n`).join('');
}

/** Names and values, aligned. */
export function textFacts(facts: readonly (readonly [string, string])[]): string {
  const width = Math.max(...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}

export function emphasize(text: string): string {
  return `\u001b[1m${text}\u001b[22m`;
}
