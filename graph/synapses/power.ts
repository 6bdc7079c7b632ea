import { exp, log } from '../math.js';

/** High word of the smallest z, 0.7 or so; 1 is in the middle of its interval, so that powers of 1 are 1. */
export const POWER_BEGIN = 0x3fe66800;
/** Where in the table the powers of 2 are. */
export const POWER_EXPONENTS = 512;

const LN2_HI = 0.6931471803691238;
const LN2_LO = 1.9082149292705877e-10;
// biome-ignore lint/suspicious/noApproximativeNumericConstant: written out, so that every translation has these bits
export const INVERSE_LN2 = 1.4426950408889634;
/** Adding and subtracting it rounds to the nearest whole number, ties to even. */
const ROUNDER = 6755399441055744;
const SMALLEST_NORMAL = 2 ** -1022;

const view = new DataView(new ArrayBuffer(8));

function fromHigh(high: number): number {
  view.setUint32(0, high);
  view.setUint32(4, 0);
  return view.getFloat64(0);
}

function makeTable(): Float64Array {
  const table = new Float64Array(640);
  for (let i = 0; i < 256; i++) {
    const middle = fromHigh(POWER_BEGIN + (i << 12) + (1 << 11));
    table[2 * i] = 1 / middle;
    table[2 * i + 1] = 0 - log(table[2 * i]);
  }
  for (let i = 0; i < 128; i++) table[POWER_EXPONENTS + i] = exp((i * LN2_HI) / 128 + (i * LN2_LO) / 128);
  return table;
}

/**
 * Tables of `power`: 256 pairs (1 / c, log c), then 2^(i / 128) for i < 128. Everybody computes them, with functions whose bits are the same everywhere.
 *
 * The method is that of Arm's optimized routines (pow.c, without its second word): z of [0.7, 1.4) lies in one of 256 intervals, whose c makes r = z / c − 1 so
 * small that a short series of log(1 + r) does; e^t is 2^(i / 128) times a short series. No division, and no branch that a processor guesses wrong.
 */
export const POWER_TABLE: Float64Array = makeTable();

/**
 * x^y as e^(y log x) with operations whose bits are the same everywhere; relative error below (3 + 1.5 |y log x|) · 2^−52. 0 for x <= 0: weights that a rule would drive
 * below 0 stay there.
 */
export function power(x: number, y: number): number {
  if (!(x > 0)) return 0;
  if (x < SMALLEST_NORMAL || x === Number.POSITIVE_INFINITY) return exp(y * log(x));
  view.setFloat64(0, x);
  const high = view.getUint32(0);
  const above = (high - POWER_BEGIN) | 0;
  const i = (above >>> 12) & 255;
  const k = above >> 20;
  view.setUint32(0, high - (k << 20));
  const r = view.getFloat64(0) * POWER_TABLE[2 * i] - 1;
  const r2 = r * r;
  const series = r2 * (-0.5 + r * (1 / 3) + r2 * (-0.25 + r * 0.2));
  const logarithm = k * LN2_HI + POWER_TABLE[2 * i + 1] + (r + (k * LN2_LO + series));
  const t = y * logarithm;
  if (!(t < 700 && t > -700)) return exp(t);
  const whole = t * (128 * INVERSE_LN2) + ROUNDER - ROUNDER;
  const s = t - whole * (LN2_HI / 128) - whole * (LN2_LO / 128);
  const s2 = s * s;
  const growth = s + s2 * (0.5 + s * (1 / 6) + s2 * (1 / 24 + s * (1 / 120)));
  view.setFloat64(0, POWER_TABLE[POWER_EXPONENTS + (whole & 127)]);
  view.setUint32(0, view.getUint32(0) + ((whole >> 7) << 20));
  const scale = view.getFloat64(0);
  return scale + scale * growth;
}
