import { exp, normalQuantile } from '../../graph/math.js';
import type { Distribution } from '../../graph/types.js';
import { type Stream, words4 } from './streams.js';
import { uniform52 } from './uniform.js';

/**
 * The distribution's quantile at u in (0, 1), clipped to its bounds: a draw by inversion when u is uniform. Rises with u,
 * so its range is that of its ends.
 */
export function quantileOf(distribution: Distribution, u: number): number {
  switch (distribution.kind) {
    case 'normal':
      return clip(distribution.mean + distribution.std * normalQuantile(u), distribution);
    case 'lognormal':
      return clip(exp(distribution.mu + distribution.sigma * normalQuantile(u)), distribution);
    case 'uniform':
      return distribution.low + (distribution.high - distribution.low) * u;
  }
}

function clip(x: number, bounds: { readonly min?: number; readonly max?: number }): number {
  if (bounds.min !== undefined && x < bounds.min) return bounds.min;
  if (bounds.max !== undefined && x > bounds.max) return bounds.max;
  return x;
}

const words = new Uint32Array(4);

/**
 * A value by who the element is: counter (index, entityB, entityA, 0) of the stream, 52 bits of it. See `Stream` for what the
 * entities are.
 */
export function drawValue(
  distribution: Distribution,
  seed: number,
  stream: Stream,
  entityA: number,
  entityB: number,
  index: number,
): number {
  words4(words, seed, stream, index, entityB, entityA, 0);
  return quantileOf(distribution, uniform52(words[0], words[1]));
}
