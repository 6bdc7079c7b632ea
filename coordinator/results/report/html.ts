/** Small pieces of HTML text. Pure. */

export function escapeHtml(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[character] ?? '',
  );
}

export interface Column<T> {
  readonly title: string;
  readonly text: (row: T) => string;
  /** Right-aligned. */
  readonly number?: boolean;
  /** Class of a coloured dot before the text. */
  readonly dot?: (row: T, index: number) => string;
}

export function table<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const side = ({ number }: Column<T>): string => (number === true ? ' class="num"' : '');
  const head = columns.map((column) => `<th${side(column)}>${escapeHtml(column.title)}</th>`).join('');
  const body = rows.map((row, index) => {
    const cells = columns.map((column) => {
      const dot = column.dot === undefined ? '' : `<i class="dot ${column.dot(row, index)}"></i>`;
      return `<td${side(column)}>${dot}${escapeHtml(column.text(row))}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}

/** JSON that can stand inside a script element. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
