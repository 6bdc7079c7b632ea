import { readFileSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { InputError } from './errors.js';
import { oneOf } from './place.js';

/** Columns of numbers, by name when the file has a header line. */
export interface CsvTable {
  readonly names: readonly string[] | undefined;
  readonly columns: readonly Float64Array[];
  /** Line of each row in the file, from 1. */
  readonly lines: Uint32Array;
}

/**
 * Reads files that a graph names, relative to the graph's own folder. Paths that leave it (absolute, `..`, or by a symbolic link) are
 * refused: a graph from a stranger must not read the machine.
 */
export function sideFileReader(graphFile: string): (name: string) => Uint8Array {
  const folder = dirname(resolve(graphFile));
  return (name) => {
    const path = resolve(folder, name);
    if (isAbsolute(name) || !isInside(folder, path)) throw outside(name);
    let real: string;
    try {
      real = realpathSync(path);
      if (!isInside(realpathSync(folder), real)) throw outside(name);
      return readFileSync(real);
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      const code = (cause as NodeJS.ErrnoException).code;
      const found = code === 'ENOENT' ? 'no such file' : `a file that can't be read (${code})`;
      throw new InputError('SIDE_FILE', `found '${name}': ${found}, expected a file in the graph's folder`, {
        cause,
      });
    }
  };
}

/** For graphs that aren't in a file. */
export function noSideFiles(name: string): Uint8Array {
  throw new InputError(
    'SIDE_FILE',
    `found '${name}', expected numbers: only a graph read from a file may name others`,
  );
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function outside(name: string): InputError {
  return new InputError('SIDE_FILE', `found '${name}', expected a path inside the graph's folder`);
}

/** Numbers separated by commas, one row a line; lines that start with # and empty ones are skipped; the first may be a header. */
export function readCsv(bytes: Uint8Array, file: string): CsvTable {
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
  let names: string[] | undefined;
  const rows: number[][] = [];
  const places: number[] = [];
  let width: number | undefined;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i].trim();
    if (line === '' || line.startsWith('#')) continue;
    const cells = line.split(',').map((cell) => cell.trim());
    if (width === undefined && cells.some((cell) => !isNumber(cell))) {
      names = cells;
      width = cells.length;
      continue;
    }
    width ??= cells.length;
    if (cells.length !== width) {
      throw new InputError('CSV', `${file}:${i + 1}: found ${cells.length} columns, expected ${width}`);
    }
    const bad = cells.findIndex((cell) => !isNumber(cell));
    if (bad >= 0) {
      throw new InputError(
        'CSV',
        `${file}:${i + 1}: found '${cells[bad]}' in column ${bad}, expected a finite number`,
      );
    }
    rows.push(cells.map(Number));
    places.push(i + 1);
  }
  const columns = Array.from({ length: width ?? 0 }, (_, column) =>
    Float64Array.from(rows, (row) => row[column]),
  );
  return { names, columns, lines: Uint32Array.from(places) };
}

/** The column by name or number; without either, the only one. */
export function csvColumn(table: CsvTable, column: string | number | undefined, file: string): Float64Array {
  if (column === undefined) {
    if (table.columns.length === 1) return table.columns[0];
    const names = table.names?.join(', ') ?? `0 to ${table.columns.length - 1}`;
    throw new InputError(
      'CSV',
      `${file}: found ${table.columns.length} columns, expected 'column' to say which (${names})`,
    );
  }
  const index = typeof column === 'number' ? column : (table.names?.indexOf(column) ?? -1);
  const found = table.columns[index];
  if (found !== undefined) return found;
  const known = table.names ?? table.columns.map((_, i) => String(i));
  throw new InputError(
    'CSV',
    `${file}: found no column '${column}', expected ${oneOf(String(column), known)}`,
  );
}

function isNumber(cell: string): boolean {
  return cell !== '' && Number.isFinite(Number(cell));
}
