import type { DeterministicMath } from './model.js';

/**
 * Elementary functions whose bits are the same in every JavaScript engine, and in WebAssembly when translated operation by
 * operation: only +, -, ×, ÷, sqrt, comparisons and access to the exponent's bits. `Math.exp` and libm promise none of that.
 *
 * exp, expm1 and log follow FreeBSD msun / Sun fdlibm (e_exp.c, s_expm1.c, e_log.c): argument reduction by ln 2 in two parts, one
 * short polynomial, exponent scaling; no tables. Error below 1 ulp, which `math.test.ts` holds against exact rational series.
 */

const LN2_HI = 6.9314718036912381649e-1;
const LN2_LO = 1.90821492927058770002e-10;
const INV_LN2 = 1.442695040888963387;
const HALF_LN2 = 0.34657359027997264;
const THREE_HALVES_LN2 = 1.0397207708399179;
const EXP_OVERFLOW = 7.09782712893383973096e2;
const EXP_UNDERFLOW = -7.4513321910194110842e2;
const TWO_POW_1023 = 2 ** 1023;
const TWO_POW_54 = 2 ** 54;

const view = new DataView(new ArrayBuffer(8));

/** 2^k for −1022 ≤ k ≤ 1023, by its bits. */
function powerOfTwo(k: number): number {
  view.setUint32(0, (k + 1023) << 20);
  view.setUint32(4, 0);
  return view.getFloat64(0);
}

/** y · 2^k, rounded once; y is near 1. */
function scale(y: number, k: number): number {
  if (k === 1024) return y * 2 * TWO_POW_1023;
  if (k >= -1021) return y * powerOfTwo(k);
  return y * powerOfTwo(k + 1000) * powerOfTwo(-1000);
}

/** The integer next to x / ln 2. */
function reductionIndex(x: number): number {
  return (INV_LN2 * x + (x < 0 ? -0.5 : 0.5)) | 0;
}

/** e^x. Error below 1 ulp; overflow gives Infinity, underflow 0. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > EXP_OVERFLOW) return Number.POSITIVE_INFINITY;
  if (x < EXP_UNDERFLOW) return 0;
  const size = x < 0 ? -x : x;
  if (size < 2 ** -28) return 1 + x;
  let k = 0;
  let hi = x;
  let lo = 0;
  let r = x;
  if (size > HALF_LN2) {
    k = size < THREE_HALVES_LN2 ? (x < 0 ? -1 : 1) : reductionIndex(x);
    hi = x - k * LN2_HI;
    lo = k * LN2_LO;
    r = hi - lo;
  }
  const t = r * r;
  const c =
    r -
    t *
      (1.66666666666666019037e-1 +
        t *
          (-2.77777777770155933842e-3 +
            t *
              (6.61375632143793436117e-5 + t * (-1.6533902205465251539e-6 + t * 4.13813679705723846039e-8))));
  if (k === 0) return 1 - ((r * c) / (c - 2) - r);
  return scale(1 - (lo - (r * c) / (2 - c) - hi), k);
}

/** e^x − 1 without cancellation near 0. Error below 1 ulp. */
export function expm1(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > EXP_OVERFLOW) return Number.POSITIVE_INFINITY;
  if (x < -38.816242113569373) return -1;
  const size = x < 0 ? -x : x;
  if (size < 2 ** -54) return x;
  let k = 0;
  let r = x;
  let c = 0;
  if (size > HALF_LN2) {
    k = size < THREE_HALVES_LN2 ? (x < 0 ? -1 : 1) : reductionIndex(x);
    const hi = x - k * LN2_HI;
    const lo = k * LN2_LO;
    r = hi - lo;
    c = hi - r - lo;
  }
  const half = 0.5 * r;
  const square = r * half;
  const r1 =
    1 +
    square *
      (-3.33333333333331316428e-2 +
        square *
          (1.58730158725481460165e-3 +
            square *
              (-7.93650757867487942473e-5 +
                square * (4.00821782732936239552e-6 + square * -2.01099218183624371326e-7))));
  const t = 3 - r1 * half;
  let e = square * ((r1 - t) / (6 - r * t));
  if (k === 0) return r - (r * e - square);
  e = r * (e - c) - c;
  e -= square;
  return expm1Tail(r, e, k);
}

/** (1 + r − e) · 2^k − 1 in the order of operations that loses nothing. */
function expm1Tail(r: number, e: number, k: number): number {
  if (k === -1) return 0.5 * (r - e) - 0.5;
  if (k === 1) return r < -0.25 ? -2 * (e - (r + 0.5)) : 1 + 2 * (r - e);
  if (k <= -2 || k > 56) return scale(1 - (e - r), k) - 1;
  if (k < 20) return scale(1 - powerOfTwo(-k) - (e - r), k);
  return scale(r - (e + powerOfTwo(-k)) + 1, k);
}

/** Natural logarithm. Error below 1 ulp; log(0) = −Infinity, NaN below 0. */
export function log(x: number): number {
  if (Number.isNaN(x) || x < 0) return Number.NaN;
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (x === Number.POSITIVE_INFINITY) return x;
  const subnormal = x < 2.2250738585072014e-308;
  view.setFloat64(0, subnormal ? x * TWO_POW_54 : x);
  const high = view.getUint32(0);
  const mantissa = high & 0xfffff;
  // 1 where the significand is above sqrt 2: it is halved, so that f below lies in [sqrt(2)/2 − 1, sqrt(2) − 1].
  const above = ((mantissa + 0x95f64) & 0x100000) >>> 20;
  view.setUint32(0, mantissa | ((1023 - above) << 20));
  const k = (high >>> 20) - 1023 + above - (subnormal ? 54 : 0);
  const f = view.getFloat64(0) - 1;
  if (f === 0) return k === 0 ? 0 : k * LN2_HI + k * LN2_LO;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const odd = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1));
  const even =
    z *
    (6.66666666666673513e-1 +
      w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)));
  const series = even + odd;
  const halfSquare = 0.5 * f * f;
  const correction = s * (halfSquare + series);
  if (k === 0) return f - (halfSquare - correction);
  return k * LN2_HI - (halfSquare - (correction + k * LN2_LO) - f);
}

/** Square root: IEEE 754 rounds it correctly everywhere. */
export function sqrt(x: number): number {
  return Math.sqrt(x);
}

/**
 * The x with P(X ≤ x) = p for a standard normal X: Wichura's AS 241, routine PPND16 (Applied Statistics 37, 1988), about
 * 1e-16 relative. p = 0 gives −Infinity, p = 1 Infinity, NaN outside.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (q >= -0.425 && q <= 0.425) return q * centralRatio(0.180625 - q * q);
  const tail = q < 0 ? p : 1 - p;
  if (!(tail >= 0)) return Number.NaN;
  if (tail === 0) return q < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const r = sqrt(-log(tail));
  const x = r <= 5 ? middleRatio(r - 1.6) : farRatio(r - 5);
  return q < 0 ? -x : x;
}

function centralRatio(r: number): number {
  const numerator =
    ((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r +
      45921.953931549871457) *
      r +
      13731.693765509461125) *
      r +
      1971.5909503065514427) *
      r +
      133.14166789178437745) *
      r +
    3.387132872796366608;
  const denominator =
    ((((((5226.495278852854561 * r + 28729.085735721942674) * r + 39307.89580009271061) * r +
      21213.794301586595867) *
      r +
      5394.1960214247511077) *
      r +
      687.1870074920579083) *
      r +
      42.313330701600911252) *
      r +
    1;
  return numerator / denominator;
}

function middleRatio(r: number): number {
  const numerator =
    ((((((7.7454501427834140764e-4 * r + 2.27238449892691845833e-2) * r + 2.4178072517745061177e-1) * r +
      1.27045825245236838258) *
      r +
      3.64784832476320460504) *
      r +
      5.7694972214606914055) *
      r +
      4.6303378461565452959) *
      r +
    1.42343711074968357734;
  const denominator =
    ((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 1.51986665636164571966e-2) * r +
      1.4810397642748007459e-1) *
      r +
      6.8976733498510000455e-1) *
      r +
      1.6763848301838038494) *
      r +
      2.05319162663775882187) *
      r +
    1;
  return numerator / denominator;
}

function farRatio(r: number): number {
  const numerator =
    ((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 1.2426609473880784386e-3) * r +
      2.6532189526576123093e-2) *
      r +
      2.9656057182850489123e-1) *
      r +
      1.7848265399172913358) *
      r +
      5.4637849111641143699) *
      r +
    6.6579046435011037772;
  const denominator =
    ((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r +
      7.868691311456132591e-4) *
      r +
      1.48753612908506148525e-2) *
      r +
      1.3692988092273580531e-1) *
      r +
      5.9983220655588793769e-1) *
      r +
    1;
  return numerator / denominator;
}

/** What `ModelSpec.propagators` gets. */
export const deterministicMath: DeterministicMath = { exp, expm1, log, sqrt };
