import {
  type Elementary,
  expressionsOf,
  KERNEL_FUNCTIONS,
  type KernelFunction,
  type Statement,
} from './ast.js';
import { parseKernel } from './parse.js';

/**
 * Elementary functions of the kernel language, written in the language itself: branch-free over IEEE operations, so that the interpreter and
 * the SIMD code have the same bits by construction. `exp` and `log` are those of `graph/math.ts`, bit for bit (FreeBSD msun), error
 * below 1 ulp. `functions.test.ts` holds all of them against exact rational series.
 */
export interface ElementaryFunction {
  readonly parameters: readonly string[];
  /** Sets `result`. */
  readonly statements: readonly Statement[];
}

const EXP = `
  size = abs(x);
  k = size > 0.34657359027997264
    ? (size < 1.0397207708399179 ? (x < 0 ? -1 : 1) : trunc(1.4426950408889634 * x + (x < 0 ? -0.5 : 0.5)))
    : 0;
  hi = x - k * 0.6931471803691238;
  lo = k * 1.9082149292705877e-10;
  r = hi - lo;
  t = r * r;
  c = r - t * (0.16666666666666602 + t * (-0.0027777777777015593 + t * (6.613756321437934e-5
    + t * (-1.6533902205465252e-6 + t * 4.1381367970572385e-8))));
  y = 1 - (lo - (r * c) / (2 - c) - hi);
  half = trunc(k * 0.5);
  result = x > 709.782712893384 ? 1e999
    : (x < -745.1332191019411 ? 0
    : (size < 3.725290298461914e-9 ? 1 + x : y * pow2(half) * pow2(k - half)));`;

const LOG = `
  small = x < 2.2250738585072014e-308;
  y = small ? x * 18014398509481984 : x;
  m = significand(y);
  above = m >= 1.4142112731933594;
  k = exponent(y) + (above ? 1 : 0) - (small ? 54 : 0);
  f = (above ? m * 0.5 : m) - 1;
  s = f / (2 + f);
  z = s * s;
  w = z * z;
  odd = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  even = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  square = 0.5 * f * f;
  correction = s * (square + (even + odd));
  value = f == 0 ? k * 0.6931471803691238 + k * 1.9082149292705877e-10
    : k * 0.6931471803691238 - (square - (correction + k * 1.9082149292705877e-10) - f);
  result = x > 0 ? (x < 1e999 ? value : x) : (x == 0 ? -1e999 : 0 / 0);`;

/** exp(y · log x) with the sign of an odd power: error below (2 + 2 |y ln x|) ulp. */
const POW = `
  size = abs(x);
  whole = floor(y) == y;
  odd = whole && floor(y * 0.5) != y * 0.5;
  power = exp(y * log(size));
  value = y == 0 || x == 1 ? 1 : (size == 1 && whole ? 1 : power);
  result = x < 0 ? (whole ? (odd ? -value : value) : 0 / 0) : value;`;

/** Cody and Waite's reduction by π/2 in three parts, then fdlibm's kernels (k_sin.c, k_cos.c). For |x| up to 2^20. */
const REDUCE = `
  k = floor(x * 0.6366197723675814 + 0.5);
  a = x - k * 1.5707963267341256;
  tail = k * 6.077100506303966e-11;
  r = a - tail;
  e = ((a - r) - tail) - k * 2.0222662487959506e-21;
  quarter = k - 4 * floor(k * 0.25);
  z = r * r;
  sine = r + (z * r * (-0.16666666666666632 + z * (0.00833333333332249 + z * (-0.0001984126982985795
    + z * (2.7557313707070068e-6 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10))))) + e * (1 - 0.5 * z));
  most = 1 - 0.5 * z;
  cosine = most + (((1 - most) - 0.5 * z) + (z * z * (0.0416666666666666 + z * (-0.001388888888887411
    + z * (2.480158728947673e-5 + z * (-2.7557314351390663e-7 + z * (2.087572321298175e-9
    + z * -1.1359647557788195e-11))))) - r * e));`;

const SIN = `${REDUCE}
  result = quarter == 0 ? sine : (quarter == 1 ? cosine : (quarter == 2 ? -sine : -cosine));`;

const COS = `${REDUCE}
  result = quarter == 0 ? cosine : (quarter == 1 ? -sine : (quarter == 2 ? -cosine : sine));`;

/** Cephes tanh.c: a rational function below 0.625, exp above. */
const TANH = `
  size = abs(x);
  z = x * x;
  small = x + x * z * (((-0.9643991794250523 * z + -99.28772310019185) * z + -1614.6876844170845)
    / (((z + 112.81167849163293) * z + 2235.4883906010045) * z + 4844.063053251255));
  large = 1 - 2 / (exp(2 * size) + 1);
  result = size < 0.625 ? small : (x < 0 ? -large : large);`;

const SOURCES: Readonly<Record<Elementary, readonly [parameters: readonly string[], source: string]>> = {
  exp: [['x'], EXP],
  log: [['x'], LOG],
  pow: [['x', 'y'], POW],
  sin: [['x'], SIN],
  cos: [['x'], COS],
  tanh: [['x'], TANH],
};

const parsed = new Map<Elementary, ElementaryFunction>();

export function isElementary(fn: KernelFunction): fn is Elementary {
  return Object.hasOwn(SOURCES, fn);
}

export function elementaryFunction(fn: Elementary): ElementaryFunction {
  const known = parsed.get(fn);
  if (known !== undefined) return known;
  const [parameters, source] = SOURCES[fn];
  const made = { parameters, statements: parseKernel(source, KERNEL_FUNCTIONS) };
  parsed.set(fn, made);
  return made;
}

/** The elementary functions that these statements need, each after those that it needs itself. */
export function functionsIn(statements: readonly Statement[]): readonly Elementary[] {
  const found = new Set<Elementary>();
  for (const expr of expressionsOf(statements)) {
    if (expr.kind !== 'call' || !isElementary(expr.fn) || found.has(expr.fn)) continue;
    for (const inner of functionsIn(elementaryFunction(expr.fn).statements)) found.add(inner);
    found.add(expr.fn);
  }
  return [...found];
}
