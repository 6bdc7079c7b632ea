/** Weights as whole numbers of few bits times a power of two that they share. Pure. */

export interface Bits {
  readonly bits: number;
  readonly signed: boolean;
}

/** The largest e for which x is a whole number of 2^e; infinity for 0. */
export function exponentOf(x: number): number {
  if (x === 0) return Number.POSITIVE_INFINITY;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(x));
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n);
  let mantissa = bits & ((1n << 52n) - 1n);
  if (biased > 0) mantissa |= 1n << 52n;
  let exponent = (biased === 0 ? 1 : biased) - 1075;
  while ((mantissa & 1n) === 0n) {
    mantissa >>= 1n;
    exponent++;
  }
  return exponent;
}

/** How many bits these weights need, exactly; infinity for a negative one where there is no sign. */
export function bitsNeeded(weights: ArrayLike<number>, signed: boolean): number {
  let exponent = Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < weights.length; i++) {
    if (!signed && weights[i] < 0) return Number.POSITIVE_INFINITY;
    exponent = Math.min(exponent, exponentOf(weights[i]));
    largest = Math.max(largest, Math.abs(weights[i]));
  }
  if (largest === 0) return signed ? 1 : 0;
  // The quotient is a whole number, and may have more bits than a float64.
  const bits = Math.floor(Math.log2(largest)) - exponent + 1;
  return bits + (signed ? 1 : 0);
}

/** Of the smallest float64 above 0. */
const LEAST_EXPONENT = -1074;

/** The smallest power of two by which all of them are within the largest whole number. */
export function sharedExponent(weights: ArrayLike<number>, { bits, signed }: Bits): number {
  const most = 2 ** (signed ? bits - 1 : bits) - 1;
  let largest = 0;
  for (let i = 0; i < weights.length; i++) largest = Math.max(largest, Math.abs(weights[i]));
  if (largest === 0) return 0;
  // The quotient of the smallest float64s is 0, whose exponent is none.
  let exponent = Math.max(LEAST_EXPONENT, Math.floor(Math.log2(largest / most)));
  while (Math.round(largest / 2 ** exponent) > most) exponent++;
  return exponent;
}

/** To the nearest whole number of 2^exponent. */
export function quantised(weight: number, exponent: number): number {
  const unit = 2 ** exponent;
  return Math.round(weight / unit) * unit;
}
