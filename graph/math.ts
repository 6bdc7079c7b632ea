import type { DeterministicMath } from './model.js';

/**
 * Elementary functions whose bits are the same in every JavaScript engine, and in WebAssembly when translated operation by
 * operation: only +, -, ×, ÷, sqrt, comparisons and access to the exponent's bits. `Math.exp` and libm promise none of that.
 *
 * exp, expm1 and log follow FreeBSD msun / Sun fdlibm (e_exp.c, s_expm1.c, e_log.c): argument reduction by ln 2 in two parts, one
 * short polynomial, exponent scaling; no tables. Error below 1 ulp, which `math.test.ts` holds against exact rational series.
 */

const LN2_HI = 0.6931471803691238;
const LN2_LO = 1.9082149292705877e-10;
// biome-ignore lint/suspicious/noApproximativeNumericConstant: written out, so that every translation has these bits
const INV_LN2 = 1.4426950408889634;
const HALF_LN2 = 0.34657359027997264;
const THREE_HALVES_LN2 = 1.0397207708399179;
const EXP_OVERFLOW = 709.782712893384;
const EXP_UNDERFLOW = -745.1332191019411;
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
      (0.16666666666666602 +
        t *
          (-0.0027777777777015593 +
            t * (6.613756321437934e-5 + t * (-1.6533902205465252e-6 + t * 4.1381367970572385e-8))));
  if (k === 0) return 1 - ((r * c) / (c - 2) - r);
  return scale(1 - (lo - (r * c) / (2 - c) - hi), k);
}

/** e^x − 1 without cancellation near 0. Error below 1 ulp. */
export function expm1(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > EXP_OVERFLOW) return Number.POSITIVE_INFINITY;
  if (x < -38.81624211356937) return -1;
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
      (-0.03333333333333313 +
        square *
          (0.0015873015872548146 +
            square *
              (-7.93650757867488e-5 + square * (4.008217827329362e-6 + square * -2.0109921818362437e-7))));
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
  const odd = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const even =
    z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
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
    ((((((2509.0809287301227 * r + 33430.57558358813) * r + 67265.7709270087) * r + 45921.95393154987) * r +
      13731.69376550946) *
      r +
      1971.5909503065513) *
      r +
      133.14166789178438) *
      r +
    3.3871328727963665;
  const denominator =
    ((((((5226.495278852854 * r + 28729.085735721943) * r + 39307.89580009271) * r + 21213.794301586597) * r +
      5394.196021424751) *
      r +
      687.1870074920579) *
      r +
      42.31333070160091) *
      r +
    1;
  return numerator / denominator;
}

function middleRatio(r: number): number {
  const numerator =
    ((((((0.0007745450142783414 * r + 0.022723844989269184) * r + 0.2417807251774506) * r +
      1.2704582524523684) *
      r +
      3.6478483247632045) *
      r +
      5.769497221460691) *
      r +
      4.630337846156546) *
      r +
    1.4234371107496835;
  const denominator =
    ((((((1.0507500716444169e-9 * r + 0.0005475938084995345) * r + 0.015198666563616457) * r +
      0.14810397642748008) *
      r +
      0.6897673349851) *
      r +
      1.6763848301838038) *
      r +
      2.053191626637759) *
      r +
    1;
  return numerator / denominator;
}

function farRatio(r: number): number {
  const numerator =
    ((((((2.0103343992922881e-7 * r + 2.7115555687434876e-5) * r + 0.0012426609473880784) * r +
      0.026532189526576124) *
      r +
      0.29656057182850487) *
      r +
      1.7848265399172913) *
      r +
      5.463784911164114) *
      r +
    6.657904643501103;
  const denominator =
    ((((((2.0442631033899397e-15 * r + 1.421511758316446e-7) * r + 1.8463183175100548e-5) * r +
      0.0007868691311456133) *
      r +
      0.014875361290850615) *
      r +
      0.1369298809227358) *
      r +
      0.599832206555888) *
      r +
    1;
  return numerator / denominator;
}

/** What `ModelSpec.propagators` gets. */
export const deterministicMath: DeterministicMath = { exp, expm1, log, sqrt };
