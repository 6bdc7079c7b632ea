import { InputError } from './errors.js';
import type { Unit } from './model.js';
import { coherentUnit, parseUnit, sameDimension, type UnitMeaning } from './unit-expression.js';

/**
 * Quantities with units, as people write them ('20 mV', '1.5ms', '2 GOhm'). They are converted once, at the border, to the unit that the
 * model asks for; behind it there are only numbers. Conversion moves the decimal point of what was written, so '0.1 ms' in
 * seconds is the double nearest to 1e-4, whatever the prefix.
 */

/** A model's unit, or nanoseconds where time is what is asked for (a drawn delay's mean, say). */
export type QuantityUnit = Unit | 'ns';

type Dimension = 'voltage' | 'time' | 'capacitance' | 'current' | 'conductance' | 'resistance' | 'frequency';

/** Base units without a prefix, longest first, so that 'Ohm' is not read as 'O' + 'hm'. */
const BASES: readonly (readonly [string, Dimension])[] = [
  ['Ohm', 'resistance'],
  ['ohm', 'resistance'],
  ['Ω', 'resistance'],
  ['Hz', 'frequency'],
  ['V', 'voltage'],
  ['s', 'time'],
  ['F', 'capacitance'],
  ['A', 'current'],
  ['S', 'conductance'],
];

const PREFIXES: ReadonlyMap<string, number> = new Map([
  ['f', -15],
  ['p', -12],
  ['n', -9],
  ['u', -6],
  ['\u00b5', -6],
  ['\u03bc', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
]);

/** Dimension and power of ten of the units that models ask for. */
const UNITS: Readonly<Record<string, { readonly dimension: Dimension; readonly power: number }>> = {
  mV: { dimension: 'voltage', power: -3 },
  ms: { dimension: 'time', power: -3 },
  s: { dimension: 'time', power: 0 },
  ns: { dimension: 'time', power: -9 },
  pF: { dimension: 'capacitance', power: -12 },
  pA: { dimension: 'current', power: -12 },
  nS: { dimension: 'conductance', power: -9 },
  MOhm: { dimension: 'resistance', power: 6 },
  Hz: { dimension: 'frequency', power: 0 },
};

/** What a correct quantity looks like, for error messages. */
const EXAMPLES: Readonly<Record<string, string>> = {
  mV: "a voltage with its unit, such as '20 mV'",
  ms: "a time with its unit, such as '1.5 ms'",
  s: "a time with its unit, such as '20 ms'",
  ns: "a time with its unit, such as '1.5 ms'",
  pF: "a capacitance with its unit, such as '250 pF'",
  pA: "a current with its unit, such as '100 pA'",
  nS: "a conductance with its unit, such as '10 nS'",
  MOhm: "a resistance with its unit, such as '40 MOhm'",
  Hz: "a frequency with its unit, such as '8 Hz'",
  '1': 'a plain number without a unit',
};

const DECIMAL = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d{1,4}))?\s*(.*)$/su;

interface Written {
  /** Digits with sign and point, without exponent. */
  readonly mantissa: string;
  readonly exponent: number;
  readonly unit: string;
}

/**
 * A quantity in `unit`: text such as '20 mV', or for unit '1' a plain number.
 * @throws InputError `UNIT` whose message says what was found and what would be right, without the place: callers put it in front.
 */
export function parseQuantity(input: unknown, unit: QuantityUnit): number {
  if (unit === '1') return plainNumber(input);
  const written = typeof input === 'string' ? split(input) : undefined;
  const example = EXAMPLES[unit] ?? `a quantity with its unit, such as '1 ${unit}'`;
  if (written === undefined) {
    const hint = typeof input === 'number' ? ' (the unit is missing)' : '';
    throw mismatch(`found ${quote(input)}${hint}, expected ${example}`);
  }
  if (!Object.hasOwn(UNITS, unit)) return compoundQuantity(input, written, unit, example);
  const wanted = UNITS[unit];
  const power = powerOf(input, written.unit, wanted.dimension, EXAMPLES[unit]) - wanted.power;
  return finite(input, Number(`${written.mantissa}e${written.exponent + power}`));
}

/** Converts plain numbers that were written in `from` (say 'nF') to `to` (say 'pF'): what to multiply, or divide, them by. */
export function unitScale(
  from: string,
  to: QuantityUnit,
): { readonly multiply: number; readonly divide: number } {
  if (to === '1') {
    if (from === '1') return { multiply: 1, divide: 1 };
    throw mismatch(`found unit ${quote(from)}, expected plain numbers without a unit`);
  }
  const power = Object.hasOwn(UNITS, to)
    ? powerOf(from, from, UNITS[to].dimension, `a unit such as '${to}'`) - UNITS[to].power
    : compoundPower(from, parseUnit(from), to, `a unit such as '${to}'`);
  return power >= 0
    ? { multiply: Number(`1e${power}`), divide: 1 }
    : { multiply: 1, divide: Number(`1e${-power}`) };
}

/**
 * A time in whole nanoseconds, exactly: '1s', '0.1ms', '1.5 ms', '100 us'. Negative times are read too; whether one is legal is
 * the caller's to say.
 * @throws InputError `UNIT` when it is no time, has no unit, is not a whole number of nanoseconds, or is beyond ±2^53 ns (104 days).
 */
export function parseTimeNs(input: unknown): number {
  const written = typeof input === 'string' ? split(input) : undefined;
  if (written === undefined) {
    const hint = typeof input === 'number' ? ' (the unit is missing)' : '';
    throw mismatch(`found ${quote(input)}${hint}, expected ${EXAMPLES.ms}`);
  }
  const power = powerOf(input, written.unit, 'time', EXAMPLES.ms) + 9;
  const ns = wholePart(written, power);
  if (ns === undefined) throw mismatch(`found ${quote(input)}, expected a whole number of nanoseconds`);
  if (ns > Number.MAX_SAFE_INTEGER || ns < Number.MIN_SAFE_INTEGER) {
    throw mismatch(`found ${quote(input)}, expected a time below 2^53 ns (104 days)`);
  }
  return Number(ns);
}

/** Nanoseconds as people read them, exactly: 1500000 is '1.5 ms'. */
export function formatTimeNs(ns: number): string {
  const size = Math.abs(ns);
  if (size >= 1e9) return `${ns / 1e9} s`;
  if (size >= 1e5 || ns === 0) return `${ns / 1e6} ms`;
  if (size >= 1e3) return `${ns / 1e3} us`;
  return `${ns} ns`;
}

function compoundQuantity(input: unknown, written: Written, unit: string, example: string): number {
  if (written.unit === '') throw mismatch(`found ${quote(input)} (the unit is missing), expected ${example}`);
  const power = compoundPower(input, parseUnit(written.unit), unit, example);
  return finite(input, Number(`${written.mantissa}e${written.exponent + power}`));
}

/** Power of ten from a written unit to one that is a product. */
function compoundPower(input: unknown, written: UnitMeaning, unit: string, example: string): number {
  const wanted = parseUnit(unit);
  if (!sameDimension(written.dimension, wanted.dimension)) {
    throw mismatch(`found ${quote(input)} (in ${coherentUnit(written.dimension)}), expected ${example}`);
  }
  return written.power - wanted.power;
}

/** A quantity that says its own unit, '20 mV' or 0.5: its number in coherent units, and what it is. */
export function quantityWithUnit(input: unknown): { readonly mantissa: string; readonly unit: string } {
  if (typeof input === 'number') return { mantissa: String(finite(input, input)), unit: '1' };
  const written = typeof input === 'string' ? split(input) : undefined;
  if (written === undefined) throw mismatch(`found ${quote(input)}, expected a quantity such as '20 mV'`);
  return {
    mantissa: `${written.mantissa}e${written.exponent}`,
    unit: written.unit === '' ? '1' : written.unit,
  };
}

function plainNumber(input: unknown): number {
  if (typeof input === 'number') return finite(input, input);
  throw mismatch(`found ${quote(input)}, expected ${EXAMPLES['1']}`);
}

function split(text: string): Written | undefined {
  const match = DECIMAL.exec(text.trim());
  if (match === null) return undefined;
  return { mantissa: match[1], exponent: Number(match[2] ?? 0), unit: match[3].trim() };
}

/** Power of ten of a written unit, whose dimension has to be the expected one. */
function powerOf(input: unknown, unit: string, dimension: Dimension, example: string): number {
  if (unit === '') throw mismatch(`found ${quote(input)} (the unit is missing), expected ${example}`);
  for (const [base, baseDimension] of BASES) {
    if (!unit.endsWith(base)) continue;
    const power = PREFIXES.get(unit.slice(0, unit.length - base.length));
    if (power === undefined) continue;
    if (baseDimension !== dimension)
      throw mismatch(`found ${quote(input)} (a ${baseDimension}), expected ${example}`);
    return power;
  }
  throw mismatch(`found ${quote(input)} (unknown unit ${quote(unit)}), expected ${example}`);
}

/** mantissa · 10^(exponent + power) when that is whole. */
function wholePart(written: Written, power: number): bigint | undefined {
  const [whole, fraction = ''] = written.mantissa.split('.');
  const digits = `${whole}${fraction.replace(/0+$/, '')}`;
  const shift = written.exponent + power - fraction.replace(/0+$/, '').length;
  const value = BigInt(digits === '' || digits === '-' || digits === '+' ? '0' : digits.replace('+', ''));
  if (value === 0n) return 0n;
  if (shift >= 0) return shift > 30 ? value * 10n ** 30n : value * 10n ** BigInt(shift);
  if (shift < -400) return undefined;
  const divisor = 10n ** BigInt(-shift);
  return value % divisor === 0n ? value / divisor : undefined;
}

function finite(input: unknown, value: number): number {
  if (Number.isFinite(value)) return value;
  throw mismatch(`found ${quote(input)}, expected a finite number`);
}

/** What was found, short enough for a message. */
export function quote(input: unknown): string {
  if (typeof input === 'string') return `'${input.length > 60 ? `${input.slice(0, 57)}...` : input}'`;
  if (Array.isArray(input)) return `a list of ${input.length}`;
  if (input instanceof Map || (typeof input === 'object' && input !== null)) return 'a mapping';
  if (input === undefined) return 'nothing';
  return String(input);
}

function mismatch(message: string): InputError {
  return new InputError('UNIT', message);
}
