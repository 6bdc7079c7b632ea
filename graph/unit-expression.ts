import { InputError } from './errors.js';

/**
 * Units that are products: 'pA/ms', '1/(mV*ms)', 'uF/cm^2', 'mV^-2'. A dimension is the exponents of volt, second, ampere and metre, which
 * all units of neurons are made of. Behind the border everything is in the coherent units of NEST's models: mV, ms, pA (so pF, nS, GOhm,
 * kHz), and cm for lengths.
 */
export type Dimension = readonly [volt: number, second: number, ampere: number, metre: number];

export const NO_DIMENSION: Dimension = [0, 0, 0, 0];
export const TIME: Dimension = [0, 1, 0, 0];
export const VOLTAGE: Dimension = [1, 0, 0, 0];

export interface UnitMeaning {
  readonly dimension: Dimension;
  /** In SI units: 10^power. */
  readonly power: number;
}

/** Powers of ten of the coherent volt, second, ampere and metre. */
const COHERENT: Dimension = [-3, -3, -12, -2];

const SYMBOLS: ReadonlyMap<string, Dimension> = new Map<string, Dimension>([
  ['Ohm', [1, 0, -1, 0]],
  ['ohm', [1, 0, -1, 0]],
  ['Ω', [1, 0, -1, 0]],
  ['Hz', [0, -1, 0, 0]],
  ['V', [1, 0, 0, 0]],
  ['s', [0, 1, 0, 0]],
  ['A', [0, 0, 1, 0]],
  ['F', [-1, 1, 1, 0]],
  ['S', [-1, 0, 1, 0]],
  ['C', [0, 1, 1, 0]],
  ['m', [0, 0, 0, 1]],
]);

const PREFIXES: ReadonlyMap<string, number> = new Map([
  ['f', -15],
  ['p', -12],
  ['n', -9],
  ['u', -6],
  ['\u00b5', -6],
  ['\u03bc', -6],
  ['m', -3],
  ['c', -2],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
]);

/** A single symbol such as 'mV', without operators; undefined when it is none. */
export function unitSymbol(text: string): UnitMeaning | undefined {
  for (const [symbol, dimension] of SYMBOLS) {
    if (!text.endsWith(symbol)) continue;
    const power = PREFIXES.get(text.slice(0, text.length - symbol.length));
    if (power !== undefined) return { dimension, power };
  }
  return undefined;
}

/**
 * What a unit means. '1' and '' have no dimension.
 * @throws InputError `UNIT`, without the place
 */
export function parseUnit(text: string): UnitMeaning {
  const tokens = text.match(/[A-Za-zµμΩ]+|\d+|\*\*|[-*/^()·]|\S/g) ?? [];
  let at = 0;
  const wrong = (): InputError =>
    new InputError(
      'UNIT',
      `found unit '${text.slice(0, 60)}', expected one such as 'mV', 'pA/ms' or '1/(mV*ms)'`,
    );
  const exponent = (): number => {
    if (tokens[at] !== '^' && tokens[at] !== '**') return 1;
    at++;
    const sign = tokens[at] === '-' ? -1 : 1;
    if (sign < 0) at++;
    const digits = tokens[at++];
    if (digits === undefined || !/^\d{1,2}$/.test(digits)) throw wrong();
    return sign * Number(digits);
  };
  const factor = (depth: number): UnitMeaning => {
    const token = tokens[at++];
    if (token === '(' && depth < 20) {
      const inner = product(depth + 1);
      if (tokens[at++] !== ')') throw wrong();
      return powerOf(inner, exponent());
    }
    if (token === '1') return { dimension: NO_DIMENSION, power: 0 };
    const symbol = token === undefined ? undefined : unitSymbol(token);
    if (symbol === undefined) throw wrong();
    return powerOf(symbol, exponent());
  };
  const product = (depth: number): UnitMeaning => {
    let all = factor(depth);
    while (at < tokens.length && tokens[at] !== ')') {
      const operator = tokens[at];
      if (operator === '*' || operator === '·' || operator === '/') at++;
      all = times(all, factor(depth), operator === '/' ? -1 : 1);
    }
    return all;
  };
  if (tokens.length === 0) return { dimension: NO_DIMENSION, power: 0 };
  const meaning = product(0);
  if (at < tokens.length) throw wrong();
  return meaning;
}

function times(a: UnitMeaning, b: UnitMeaning, sign: 1 | -1): UnitMeaning {
  return { dimension: multiply(a.dimension, b.dimension, sign), power: a.power + sign * b.power };
}

function powerOf({ dimension, power }: UnitMeaning, exponent: number): UnitMeaning {
  return { dimension: raise(dimension, exponent), power: power * exponent };
}

export function multiply(a: Dimension, b: Dimension, sign: 1 | -1 = 1): Dimension {
  return [a[0] + sign * b[0], a[1] + sign * b[1], a[2] + sign * b[2], a[3] + sign * b[3]];
}

export function raise([v, s, a, m]: Dimension, exponent: number): Dimension {
  // 0 · −1 would be −0, which prints and compares as 0 but for Object.is.
  return [v * exponent + 0, s * exponent + 0, a * exponent + 0, m * exponent + 0];
}

export function sameDimension(a: Dimension, b: Dimension): boolean {
  return a.every((exponent, i) => exponent === b[i]);
}

export function isPlain(dimension: Dimension): boolean {
  return sameDimension(dimension, NO_DIMENSION);
}

/** Power of ten from a unit to the coherent one of its dimension: a number in the unit times 10^this is one in coherent units. */
export function coherentPower({ dimension, power }: UnitMeaning): number {
  return power - dimension.reduce((sum, exponent, i) => sum + exponent * COHERENT[i], 0);
}

/** 10^power as the double nearest to it. */
export function tenTo(power: number): number {
  return Number(`1e${power}`);
}

const NAMED: readonly (readonly [string, Dimension])[] = [
  ['1', NO_DIMENSION],
  ['mV', [1, 0, 0, 0]],
  ['ms', [0, 1, 0, 0]],
  ['pA', [0, 0, 1, 0]],
  ['pF', [-1, 1, 1, 0]],
  ['nS', [-1, 0, 1, 0]],
  ['GOhm', [1, 0, -1, 0]],
];

/** The coherent unit of a dimension, as people write it: 'mV', 'pA/ms', '1/ms', 'mV^2/ms'. */
export function coherentUnit(dimension: Dimension): string {
  const named = NAMED.find(([, known]) => sameDimension(known, dimension));
  if (named !== undefined) return named[0];
  for (const [name, known] of NAMED) {
    if (name === 'ms') continue;
    const seconds = dimension[1] - known[1];
    if (!sameDimension(multiply(known, raise(TIME, seconds)), dimension)) continue;
    const ms = Math.abs(seconds) === 1 ? 'ms' : `ms^${Math.abs(seconds)}`;
    if (seconds < 0) return `${name}/${ms}`;
    return name === '1' ? ms : `${name}*${ms}`;
  }
  const symbols = ['mV', 'ms', 'pA', 'cm'];
  const part = (sign: 1 | -1): string[] =>
    symbols.flatMap((symbol, i) => {
      const exponent = dimension[i] * sign;
      return exponent <= 0 ? [] : [exponent === 1 ? symbol : `${symbol}^${exponent}`];
    });
  const below = part(-1);
  const above = part(1).join('*') || '1';
  return below.length === 0 ? above : `${above}/${below.length === 1 ? below[0] : `(${below.join('*')})`}`;
}
