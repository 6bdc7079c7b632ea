import { exp, log } from '../../graph/math.js';
import type { UniformSequence } from './uniform.js';

/** Below this mean, searching from 0 is faster than rejection, and BTRS isn't valid. */
const SMALL_MEAN = 10;
const HALF_LOG_TWO_PI = 0.9189385332046728;

/**
 * Number of successes in n trials of probability p, drawn exactly: by inversion where the mean of the rarer outcome is below 10, else by
 * transformed rejection (BTRS: Hörmann, "The generation of binomial random variates", J. Stat. Comput. Simul. 46, 1993).
 * @param n whole, from 0 to 2^53
 */
export function binomial(n: number, p: number, uniforms: UniformSequence): number {
  if (!(n >= 0 && p >= 0 && p <= 1)) throw new RangeError(`binomial draw of n = ${n}, p = ${p}`);
  if (n === 0 || p === 0) return 0;
  if (p === 1) return n;
  if (p > 0.5) return n - rareBinomial(n, 1 - p, uniforms);
  return rareBinomial(n, p, uniforms);
}

function rareBinomial(n: number, p: number, uniforms: UniformSequence): number {
  return n * p < SMALL_MEAN ? invertBinomial(n, p, uniforms.next()) : rejectBinomial(n, p, uniforms);
}

function invertBinomial(n: number, p: number, uniform: number): number {
  const odds = p / (1 - p);
  let mass = exp(n * logOneMinus(p));
  let rest = uniform;
  let k = 0;
  while (rest > mass && k < n) {
    rest -= mass;
    k++;
    mass *= ((n - k + 1) / k) * odds;
    // Beyond what 52 bits of the uniform can tell apart: rounding, not chance, would go on.
    if (mass < 2 ** -80 && k > n * p) break;
  }
  return k;
}

/** log(1 − p) without cancellation (Kahan). */
function logOneMinus(p: number): number {
  const q = 1 - p;
  return q === 1 ? -p : (log(q) * -p) / (q - 1);
}

function rejectBinomial(n: number, p: number, uniforms: UniformSequence): number {
  const odds = p / (1 - p);
  const spread = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * spread;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const c = n * p + 0.5;
  const alpha = (2.83 + 5.1 / b) * spread;
  const certain = 0.92 - 4.2 / b;
  const mode = Math.floor((n + 1) * p);
  const atMode =
    (mode + 0.5) * log((mode + 1) / (odds * (n - mode + 1))) + stirlingTail(mode) + stirlingTail(n - mode);
  for (;;) {
    const u = uniforms.next() - 0.5;
    const v = uniforms.next();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + c);
    if (us >= 0.07 && v <= certain) return k;
    if (k < 0 || k > n) continue;
    const height = log((v * alpha) / (a / (us * us) + b));
    const density =
      atMode +
      (n + 1) * log((n - mode + 1) / (n - k + 1)) +
      (k + 0.5) * log((odds * (n - k + 1)) / (k + 1)) -
      stirlingTail(k) -
      stirlingTail(n - k);
    if (height <= density) return k;
  }
}

/**
 * Number of good ones among `draws` taken without replacement from `good` + `bad`, drawn exactly: one by one where few are taken, else
 * by ratio of uniforms (HRUA: Stadlober, "The ratio of uniforms approach for generating discrete random variates",
 * J. Comput. Appl. Math. 31, 1990).
 */
export function hypergeometric(good: number, bad: number, draws: number, uniforms: UniformSequence): number {
  const total = good + bad;
  if (!(good >= 0 && bad >= 0 && draws >= 0 && draws <= total)) {
    throw new RangeError(`hypergeometric draw of ${draws} from ${good} + ${bad}`);
  }
  if (draws > total - draws) return good - fewHypergeometric(good, bad, total - draws, uniforms);
  return fewHypergeometric(good, bad, draws, uniforms);
}

/** At most half of all are drawn. */
function fewHypergeometric(good: number, bad: number, draws: number, uniforms: UniformSequence): number {
  if (draws === 0 || good === 0) return 0;
  if (bad === 0) return draws;
  if (good > bad) return draws - rareHypergeometric(bad, good, draws, uniforms);
  return rareHypergeometric(good, bad, draws, uniforms);
}

function rareHypergeometric(good: number, bad: number, draws: number, uniforms: UniformSequence): number {
  // The number of good ones drawn is also the number of drawn ones that are good: the smaller set does the drawing.
  const few = Math.min(good, draws);
  if (few < SMALL_MEAN) return oneByOne(Math.max(good, draws), good + bad, few, uniforms);
  return rejectHypergeometric(good, bad, draws, uniforms);
}

function oneByOne(marked: number, total: number, draws: number, uniforms: UniformSequence): number {
  let hits = 0;
  for (let i = 0; i < draws; i++) {
    if (uniforms.next() * (total - i) < marked - hits) hits++;
  }
  return hits;
}

const HAT_SLOPE = 1.7155277699214135;
const HAT_OFFSET = 0.8989161620588988;

function rejectHypergeometric(good: number, bad: number, draws: number, uniforms: UniformSequence): number {
  const total = good + bad;
  const p = good / total;
  const center = draws * p + 0.5;
  const spread = Math.sqrt(((total - draws) * draws * p * (1 - p)) / (total - 1) + 0.5);
  const width = HAT_SLOPE * spread + HAT_OFFSET;
  const mode = Math.floor(((draws + 1) * (good + 1)) / (total + 2));
  const atMode = logWays(good, bad, draws, mode);
  const end = Math.min(Math.min(draws, good) + 1, Math.floor(center + 16 * spread));
  for (;;) {
    const u = uniforms.next();
    const x = center + (width * (uniforms.next() - 0.5)) / u;
    if (x < 0 || x >= end) continue;
    const k = Math.floor(x);
    const density = atMode - logWays(good, bad, draws, k);
    if (u * (4 - u) - 3 <= density) return k;
    if (u * (u - density) >= 1) continue;
    if (2 * log(u) <= density) return k;
  }
}

/** −log of the k-dependent part of the probability. */
function logWays(good: number, bad: number, draws: number, k: number): number {
  return logFactorial(k) + logFactorial(good - k) + logFactorial(draws - k) + logFactorial(bad - draws + k);
}

/** log(k!) for whole k. */
export function logFactorial(k: number): number {
  return HALF_LOG_TWO_PI + (k + 0.5) * log(k + 1) - (k + 1) + stirlingTail(k);
}

const SMALL_TAILS = [
  0.08106146679532726, 0.04134069595540929, 0.02767792568499834, 0.02079067210376509, 0.01664469118982119,
  0.01387612882307075, 0.01189670994589177, 0.01041126526197209, 0.009255462182712733, 0.008330563433362871,
];

/** log(k!) − [log √(2π) + (k + ½) log(k + 1) − (k + 1)]: what Stirling's formula leaves. */
function stirlingTail(k: number): number {
  if (k < SMALL_TAILS.length) return SMALL_TAILS[k];
  const x = k + 1;
  const square = x * x;
  return (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * square)) / square) / square) / x;
}
