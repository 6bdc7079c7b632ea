import type { Path, Reporter } from './place.js';
import type { Value } from './types.js';
import type { QuantityUnit } from './units.js';

export interface Bounds {
  readonly unit: QuantityUnit;
  readonly min?: number;
  readonly max?: number;
  /** The bounds themselves are excluded. */
  readonly exclusive?: boolean;
}

/**
 * A value that is finite, within bounds, one element for each `what` when it is an array, and a distribution that can be drawn from.
 * Distributions are held to the bounds where they have hard ends; what is drawn beyond is the drawing's to refuse.
 */
export function validateValue(
  report: Reporter,
  path: Path,
  value: Value,
  bounds: Bounds,
  length: number,
  what: 'neuron' | 'synapse',
): void {
  if (typeof value === 'number') {
    const wrong = problem(value, bounds);
    if (wrong !== undefined) report.fail(path, wrong);
    return;
  }
  if (value instanceof Float64Array) {
    if (value.length !== length) {
      report.fail(path, `found ${value.length} elements, expected ${length}, one for each ${what}`);
    }
    for (let i = 0; i < value.length; i++) {
      const wrong = problem(value[i], bounds);
      if (wrong !== undefined) report.fail([...path, i], wrong);
    }
    return;
  }
  for (const [name, number] of Object.entries(value)) {
    if (name === 'kind' || (typeof number === 'number' && Number.isFinite(number))) continue;
    report.fail([...path, value.kind, name], `found ${number}, expected a finite number`);
  }
  if (value.kind === 'uniform') {
    validateUniform(report, [...path, 'uniform'], value, bounds);
    return;
  }
  const [width, field] = value.kind === 'normal' ? [value.std, 'std'] : [value.sigma, 'sigma'];
  if (width < 0) report.fail([...path, value.kind, field], `found ${width}, expected 0 or more`);
  for (const end of ['min', 'max'] as const) {
    const wrong = value[end] === undefined ? undefined : problem(value[end], bounds);
    if (wrong !== undefined) report.fail([...path, value.kind, end], wrong);
  }
  if ((value.min ?? -Infinity) > (value.max ?? Infinity)) {
    report.fail(
      [...path, value.kind, 'min'],
      `found ${value.min} above max ${value.max}, expected min <= max`,
    );
  }
  const middle = value.kind === 'normal' && width === 0 ? value.mean : undefined;
  const wrong = middle === undefined ? undefined : problem(middle, bounds);
  if (wrong !== undefined) report.fail([...path, value.kind, 'mean'], wrong);
}

function validateUniform(
  report: Reporter,
  path: Path,
  value: { readonly low: number; readonly high: number },
  bounds: Bounds,
): void {
  for (const end of ['low', 'high'] as const) {
    const wrong = problem(value[end], bounds);
    if (wrong !== undefined) report.fail([...path, end], wrong);
  }
  if (value.low > value.high)
    report.fail([...path, 'low'], `found ${value.low} above high ${value.high}, expected low <= high`);
}

function problem(value: number, { unit, min, max, exclusive }: Bounds): string | undefined {
  const suffix = unit === '1' ? '' : ` ${unit}`;
  if (typeof value !== 'number' || !Number.isFinite(value)) return `found ${value}, expected a finite number`;
  if (min !== undefined && (exclusive ? value <= min : value < min)) {
    return `found ${value}${suffix}, expected ${exclusive ? 'above' : 'at least'} ${min}${suffix}`;
  }
  if (max !== undefined && (exclusive ? value >= max : value > max)) {
    return `found ${value}${suffix}, expected ${exclusive ? 'below' : 'at most'} ${max}${suffix}`;
  }
  return undefined;
}
