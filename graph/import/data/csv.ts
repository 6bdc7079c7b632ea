/**
 * CSV input: events (`time_ms,neuron[,value]`, named by a header line), or dense: one line a step, one column a neuron. What could be
 * either is refused.
 */
import { InputError } from '../../errors.js';
import { type CsvTable, csvColumn, readCsv } from '../../sidefile.js';
import type { Population } from '../../types.js';
import type { InputData } from './events.js';

const EVENT_COLUMNS = ['time_ms', 'neuron', 'value'];

/**
 * @param column Of a dense file, the one column that is the input of a population of one neuron: its name, or its number from 0.
 * @throws InputError `CSV` for what is no table of numbers, `INPUT_SHAPE` for columns that don't fit.
 */
export function readCsvInput(
  bytes: Uint8Array,
  file: string,
  population: Population,
  column?: string,
): InputData {
  const table = readCsv(bytes, file);
  if (column !== undefined) {
    return denseInput([oneColumn(table, column, file)], table.lines.length, population, file);
  }
  const { names, columns } = table;
  if (names?.includes('time_ms') || names?.includes('neuron')) return eventInput(table, names, file);
  if (names === undefined && (columns.length === 2 || columns.length === 3)) {
    throw new InputError(
      'INPUT_SHAPE',
      `${file}: found ${columns.length} columns without a header line, expected 'time_ms,neuron,value' there for events, or any names for ${columnCount(population.size)} of dense input${population.size === 1 ? ` ('${file}#0' takes the first)` : ''}`,
    );
  }
  return denseInput(columns, table.lines.length, population, file);
}

function oneColumn(table: CsvTable, column: string, file: string): Float64Array {
  const named = table.names?.includes(column) === true;
  return csvColumn(table, named || !/^\d+$/.test(column) ? column : Number(column), file);
}

function eventInput(table: CsvTable, names: readonly string[], file: string): InputData {
  const strange = names.find((name) => !EVENT_COLUMNS.includes(name));
  if (strange !== undefined || !names.includes('time_ms') || !names.includes('neuron')) {
    throw new InputError(
      'INPUT_SHAPE',
      `${file}: found the header '${names.join(',')}', expected time_ms,neuron[,value]`,
    );
  }
  return {
    kind: 'events',
    timesMs: csvColumn(table, 'time_ms', file),
    neurons: csvColumn(table, 'neuron', file),
    ...(names.includes('value') ? { values: csvColumn(table, 'value', file) } : {}),
    placeOf: (event) => `line ${table.lines[event]}`,
  };
}

function denseInput(
  columns: readonly Float64Array[],
  steps: number,
  { name, size }: Population,
  file: string,
): InputData {
  if (columns.length !== size) {
    throw new InputError(
      'INPUT_SHAPE',
      `${file}: found ${columnCount(columns.length)} and ${steps} lines, expected ${columnCount(size)}, one for each neuron of '${name}', and a line for each step`,
    );
  }
  const data = new Float64Array(steps * size);
  columns.forEach((column, neuron) => {
    for (let step = 0; step < steps; step++) data[step * size + neuron] = column[step];
  });
  return { kind: 'dense', steps, data };
}

function columnCount(count: number): string {
  return `${count} ${count === 1 ? 'column' : 'columns'}`;
}
