import { exp, normalQuantile } from '../../graph/math.js';
import type { Distribution } from '../../graph/types.js';
import { type Stream, words4 } from './streams.js';

/** The middle of the word's cell: in (0, 1), never 0 or 1. */
export function uniform32(word: number): number {
  return (word + 0.5) / 2 ** 32;
}

/** 53 bits from two words: in (0, 1). */
export function uniform53(high: number, low: number): number {
  return ((high >>> 5) * 2 ** 26 + (low >>> 6) + 0.5) / 2 ** 53;
}

/** The distribution's quantile at u in (0, 1), clipped to its bounds. */
export function quantile(distribution: Distribution, u: number): number {
  switch (distribution.kind) {
    case 'uniform':
      return distribution.low + (distribution.high - distribution.low) * u;
    case 'normal':
      return clip(distribution.mean + distribution.std * normalQuantile(u), distribution);
    case 'lognormal':
      return clip(exp(distribution.mu + distribution.sigma * normalQuantile(u)), distribution);
  }
}

function clip(x: number, { min, max }: { readonly min?: number; readonly max?: number }): number {
  if (min !== undefined && x < min) return min;
  return max !== undefined && x > max ? max : x;
}

const scratch = new Uint32Array(4);

/** A value of full precision for (word 1 `a`, word 2 `b`, word 3 `c`) of a stream's counter; see `Stream`. */
export function drawValue(
  distribution: Distribution,
  seed: number,
  stream: Stream,
  a: number,
  b: number,
  c: number,
): number {
  words4(scratch, seed, stream, 0, a, b, c);
  return quantile(distribution, uniform53(scratch[0], scratch[1]));
}
