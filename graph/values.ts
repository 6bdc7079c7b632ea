import type { NumbersInput, ValueInput } from './document.js';
import { readNpy } from './import/npy.js';
import { log } from './math.js';
import { at, oneOf, type Path, type Reporter } from './place.js';
import {
  check,
  fileSchema,
  lognormalSchema,
  normalSchema,
  uniformSchema,
  unitValuesSchema,
} from './schema.js';
import { type CsvTable, csvColumn, readCsv } from './sidefile.js';
import type { Distribution, Value } from './types.js';
import { parseQuantity, parseTimeNs, type QuantityUnit, quote, unitScale } from './units.js';

/** What conversion needs beside the document: where to complain, and how to get at files beside it. */
export interface Source {
  readonly report: Reporter;
  /** Bytes of a file that the document names; throws when there is none, or it may not be read. */
  readonly readFile: (name: string) => Uint8Array;
}

export interface NumberArray {
  readonly data: Float64Array;
  /** As nested in the text or stored in the file, row-major. */
  readonly shape: readonly number[];
}

const DISTRIBUTIONS = ['normal', 'lognormal', 'uniform'] as const;

/** One quantity in `unit`. */
export function quantityAt(source: Source, path: Path, input: unknown, unit: QuantityUnit): number {
  return at(source.report, path, () => parseQuantity(input, unit));
}

/** A time in whole nanoseconds. */
export function timeAt(source: Source, path: Path, input: unknown): number {
  return at(source.report, path, () => parseTimeNs(input));
}

/** One number for all, an array, or a distribution, in `unit`; times ('ns') in whole nanoseconds unless drawn. */
export function valueAt(source: Source, path: Path, input: ValueInput, unit: QuantityUnit): Value {
  if (typeof input !== 'object' || input === null) {
    return unit === 'ns' ? timeAt(source, path, input) : quantityAt(source, path, input, unit);
  }
  const drawn = isMapping(input) ? DISTRIBUTIONS.find((name) => Object.hasOwn(input, name)) : undefined;
  if (drawn !== undefined) return distributionAt(source, path, input as Record<string, unknown>, drawn, unit);
  if (isMapping(input) && !('values' in input) && !('file' in input)) {
    const key = Object.keys(input)[0];
    const known = [...DISTRIBUTIONS, 'values', 'file'];
    return source.report.fail(
      key === undefined ? path : [...path, key],
      `found ${key === undefined ? 'an empty mapping' : 'an unknown key'}, expected ${oneOf(key, known)}`,
    );
  }
  const { data, shape } = numbersAt(source, path, input as NumbersInput, unit);
  if (shape.length !== 1 && Array.isArray(input)) {
    return source.report.fail(path, 'found a nested list, expected a plain list of numbers');
  }
  return data;
}

function distributionAt(
  source: Source,
  path: Path,
  input: Record<string, unknown>,
  kind: (typeof DISTRIBUTIONS)[number],
  unit: QuantityUnit,
): Distribution {
  const { report } = source;
  const extra = Object.keys(input).find((key) => key !== kind);
  if (extra !== undefined) {
    report.fail([...path, extra], `found a second key beside '${kind}', expected one distribution`);
  }
  const inside = [...path, kind];
  const get = (name: string, written: unknown) => quantityAt(source, [...inside, name], written, unit);
  const optional = (name: 'min' | 'max', written: unknown) =>
    written === undefined ? {} : { [name]: get(name, written) };
  const body = input[kind];
  let result: Distribution;
  if (kind === 'normal') {
    const { mean, std, min, max } = check(normalSchema, body, inside, report);
    result = {
      kind,
      mean: get('mean', mean),
      std: get('std', std),
      ...optional('min', min),
      ...optional('max', max),
    };
  } else if (kind === 'uniform') {
    const { low, high } = check(uniformSchema, body, inside, report);
    result = { kind, low: get('low', low), high: get('high', high) };
  } else {
    const { mu, sigma, unit: written, min, max } = check(lognormalSchema, body, inside, report);
    const scale = scaleAt(source, [...inside, 'unit'], written, unit);
    // exp(mu + …) · scale = exp(mu + ln(scale) + …)
    const shift = scale.multiply === 1 && scale.divide === 1 ? 0 : log(scale.multiply) - log(scale.divide);
    result = { kind, mu: mu + shift, sigma, ...optional('min', min), ...optional('max', max) };
  }
  return result;
}

/**
 * Numbers from a list (nested or not), an array in memory, `{values, unit}` or `{file, column, unit}`. In `unit`; times ('ns') are
 * rounded to whole nanoseconds when they are within 1e-7 of one (an array may hold float32), else refused.
 */
export function numbersAt(source: Source, path: Path, input: NumbersInput, unit: QuantityUnit): NumberArray {
  if (Array.isArray(input)) return fromList(source, path, input, unit);
  if (ArrayBuffer.isView(input)) {
    const scale = scaleAt(source, path, undefined, unit);
    return scaled(
      source,
      path,
      { data: Float64Array.from(input as Float64Array), shape: [input.length] },
      scale,
      unit,
    );
  }
  if (isMapping(input) && 'file' in input) return fromFile(source, path, input, unit);
  if (isMapping(input) && 'values' in input) {
    const { values, unit: written } = check(unitValuesSchema, input, path, source.report);
    const scale = scaleAt(source, [...path, 'unit'], written, unit);
    const inner = numbersAt(source, [...path, 'values'], values, '1');
    return scaled(source, [...path, 'values'], inner, scale, unit);
  }
  return source.report.fail(
    path,
    `found ${quote(input)}, expected a list of numbers, {values, unit} or {file: …}`,
  );
}

/** Numbers that count something: whole, from 0 to 2^32 − 1. */
export function indicesAt(source: Source, path: Path, input: NumbersInput): Uint32Array {
  const { data } = numbersAt(source, path, input, '1');
  const wrong = data.findIndex((x) => !Number.isInteger(x) || x < 0 || x > 0xffffffff);
  if (wrong >= 0) {
    source.report.fail([...path, wrong], `found ${data[wrong]}, expected a neuron number (whole, from 0)`);
  }
  return Uint32Array.from(data);
}

function fromList(source: Source, path: Path, input: readonly unknown[], unit: QuantityUnit): NumberArray {
  const shape = shapeOf(input);
  const data: number[] = [];
  // The place of the element at hand; put together only when it has to be named.
  const indices: number[] = [];
  const fail = (message: string): never => source.report.fail([...path, ...indices], message);
  const leaf = (element: unknown): number => {
    if (unit === '1' && typeof element === 'number' && Number.isFinite(element)) return element;
    if (Array.isArray(element)) fail('found a list, expected a number');
    const place = [...path, ...indices];
    return unit === 'ns' ? timeAt(source, place, element) : quantityAt(source, place, element, unit);
  };
  const walk = (element: unknown): void => {
    const depth = indices.length;
    if (depth === shape.length) {
      data.push(leaf(element));
      return;
    }
    if (!Array.isArray(element) || element.length !== shape[depth]) {
      fail(`found ${quote(element)}, expected a list of ${shape[depth]} like the first one`);
    }
    for (let i = 0; i < shape[depth]; i++) {
      indices.push(i);
      walk((element as readonly unknown[])[i]);
      indices.pop();
    }
  };
  walk(input);
  return { data: Float64Array.from(data), shape };
}

function shapeOf(list: unknown): number[] {
  const shape: number[] = [];
  for (let level = list; Array.isArray(level); level = level[0]) shape.push(level.length);
  return shape;
}

function fromFile(source: Source, path: Path, input: unknown, unit: QuantityUnit): NumberArray {
  const { file, column, unit: written } = check(fileSchema, input, path, source.report);
  const scale = scaleAt(source, [...path, 'unit'], written, unit);
  const place = [...path, 'file'];
  const bytes = at(source.report, place, () => source.readFile(file));
  const lower = file.toLowerCase();
  if (lower.endsWith('.npy')) {
    if (column !== undefined) {
      source.report.fail(
        [...path, 'column'],
        `found ${quote(column)}, expected none (a .npy file has no columns)`,
      );
    }
    return scaled(
      source,
      place,
      at(source.report, place, () => readNpy(bytes, file)),
      scale,
      unit,
    );
  }
  if (!lower.endsWith('.csv')) {
    source.report.fail(place, `found ${quote(file)}, expected a file whose name ends in .npy or .csv`);
  }
  const table: CsvTable = at(source.report, place, () => readCsv(bytes, file));
  const data = at(source.report, place, () => csvColumn(table, column, file));
  return scaled(source, place, { data, shape: [data.length] }, scale, unit);
}

/** The factor from the written unit to the wanted one; a missing unit is an error where there has to be one. */
function scaleAt(source: Source, path: Path, written: string | undefined, unit: QuantityUnit): Scale {
  if (written === undefined) {
    if (unit === '1') return { multiply: 1, divide: 1 };
    const example = unit === 'ns' ? 'ms' : unit;
    return source.report.fail(path, `found plain numbers without a unit, expected unit: ${example}, say`);
  }
  return at(source.report, path, () => unitScale(written, unit));
}

interface Scale {
  readonly multiply: number;
  readonly divide: number;
}

function scaled(
  source: Source,
  path: Path,
  array: NumberArray,
  scale: Scale,
  unit: QuantityUnit,
): NumberArray {
  const data = array.data.map((x) => (x * scale.multiply) / scale.divide);
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i]))
      source.report.fail(path, `found ${array.data[i]} at element ${i}, expected finite numbers`);
    if (unit !== 'ns') continue;
    const ns = Math.round(data[i]);
    if (Math.abs(data[i] - ns) > 1e-7 * Math.max(1, Math.abs(ns))) {
      source.report.fail(
        path,
        `found ${array.data[i]} at element ${i}, expected a whole number of nanoseconds`,
      );
    }
    data[i] = ns;
  }
  return { data, shape: array.shape };
}

function isMapping(input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null && !Array.isArray(input) && !ArrayBuffer.isView(input);
}
