import { coherentUnit, parseUnit, sameDimension } from '../unit-expression.js';
import { quantityWithUnit } from '../units.js';
import type { ParameterInput } from './document.js';
import { EquationMistake } from './formula.js';

const INFINITE = /^([+-]?)inf\b\s*(.*)$/;

/** The unit that a parameter is written in. */
export function unitOf(input: ParameterInput): string {
  if (typeof input !== 'object') return quantityUnit(input);
  if (input.unit !== undefined) return input.unit;
  const written = input.default ?? input.min ?? input.max ?? input.above ?? input.below;
  if (written === undefined) throw new EquationMistake('found no default and no unit, expected one of both');
  return quantityUnit(written);
}

function quantityUnit(input: string | number): string {
  const infinite = typeof input === 'string' ? INFINITE.exec(input) : null;
  return infinite === null ? quantityWithUnit(input).unit : infinite[2] || '1';
}

/** A quantity in the parameter's unit; 'inf mV' and '-inf mV' too. */
export function quantityIn(input: string | number, unit: string): number {
  const infinite = typeof input === 'string' ? INFINITE.exec(input) : null;
  const own = quantityUnit(input);
  const wanted = parseUnit(unit);
  const meaning = parseUnit(own);
  if (!sameDimension(meaning.dimension, wanted.dimension)) {
    throw new EquationMistake(
      `found '${input}' in ${coherentUnit(meaning.dimension)}, expected it in ${unit}`,
    );
  }
  if (infinite !== null) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const power = meaning.power - wanted.power;
  const [mantissa, exponent = '0'] = quantityWithUnit(input).mantissa.split('e');
  const value = Number(`${mantissa}e${Number(exponent) + power}`);
  if (!Number.isFinite(value)) throw new EquationMistake(`found '${input}', expected a finite number`);
  return value;
}
