import { evaluate } from './constants.js';
import { readFormula } from './read.js';

/** The value of a formula without units. */
export function evaluateText(text: string, values: Readonly<Record<string, number>>): number {
  return evaluate(readFormula(text), values);
}
