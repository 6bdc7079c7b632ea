import { exp, log } from '../../graph/math.js';
import { uniform53 } from './draw.js';
import { Stream, words4 } from './streams.js';

/** Uniform numbers in (0, 1), one after the other, for one node of one tree of splits. */
export type Uniforms = () => number;

export function splitUniforms(seed: number, node: number, source: number, projection: number): Uniforms {
  const words = new Uint32Array(4);
  let draw = 0;
  return () => {
    const half = draw & 1;
    if (half === 0) words4(words, seed, Stream.Split, draw >>> 1, node, source, projection);
    draw++;
    return uniform53(words[2 * half], words[2 * half + 1]);
  };
}

/**
 * Number of successes in n trials of probability p, exact: inversion where n·p is small, else Hörmann's transformed rejection (BTRS; W. Hörmann
 * 1993, "The generation of binomial random variates").
 */
export function binomial(n: number, p: number, next: Uniforms): number {
  if (n === 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - binomial(n, 1 - p, next);
  return n * p < 10 ? byInversion(n, p, next) : byRejection(n, p, next);
}

function byInversion(n: number, p: number, next: Uniforms): number {
  const ratio = p / (1 - p);
  let u = next();
  let probability = exp(n * log(1 - p));
  let k = 0;
  while (u > probability && k < n) {
    u -= probability;
    k++;
    probability *= (ratio * (n - k + 1)) / k;
  }
  return k;
}

function byRejection(n: number, p: number, next: Uniforms): number {
  const spread = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * spread;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const centre = n * p + 0.5;
  const accept = 0.92 - 4.2 / b;
  const odds = p / (1 - p);
  const alpha = (2.83 + 5.1 / b) * spread;
  const mode = Math.floor((n + 1) * p);
  while (true) {
    const u = next() - 0.5;
    const v = next();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + centre);
    if (us >= 0.07 && v <= accept) return k;
    if (k < 0 || k > n) continue;
    const bound =
      (mode + 0.5) * log((mode + 1) / (odds * (n - mode + 1))) +
      (n + 1) * log((n - mode + 1) / (n - k + 1)) +
      (k + 0.5) * log((odds * (n - k + 1)) / (k + 1)) +
      stirlingTail(mode) +
      stirlingTail(n - mode) -
      stirlingTail(k) -
      stirlingTail(n - k);
    if (log((v * alpha) / (a / (us * us) + b)) <= bound) return k;
  }
}

/** log(k!) minus Stirling's formula for it. */
function stirlingTail(k: number): number {
  if (k < SMALL_TAILS.length) return SMALL_TAILS[k];
  const x = 1 / (k + 1);
  const square = x * x;
  return (1 / 12 - (1 / 360 - square / 1260) * square) * x;
}

const SMALL_TAILS = [
  0.08106146679532726, 0.04134069595540929, 0.02767792568499834, 0.02079067210376509, 0.01664469118982119,
  0.01387612882307075, 0.01189670994589177, 0.01041126526197209, 0.009255462182712733, 0.008330563433362871,
];

/** How many of `draws` distinct elements, of `total`, are among a part of `part`: one draw after the other. */
export function hypergeometric(total: number, part: number, draws: number, next: Uniforms): number {
  if (draws > total / 2) return part - hypergeometric(total, part, total - draws, next);
  let left = part;
  for (let i = 0; i < draws; i++) if (next() * (total - i) < left) left--;
  return part - left;
}
