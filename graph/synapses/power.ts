import { exp, log } from '../math.js';

/**
 * x^y as e^(y log x) with functions whose bits are the same everywhere; relative error about |y log x| + 1 ulp. 0 for x <= 0: weights that a
 * rule would drive below 0 stay there.
 */
export function power(x: number, y: number): number {
  return x > 0 ? exp(y * log(x)) : 0;
}
