/** Counter-based randomness: what is drawn depends on who draws it, never on when or where. */
export { binomial, hypergeometric } from './discrete.js';
export { drawValue, quantileOf } from './distribution.js';
export { mulHigh, philox } from './philox.js';
export { LARGEST_POISSON_MEAN, largestPoissonCount, type PoissonTable, poissonTable } from './poisson.js';
export { keyHigh, keyLow, SEED_LIMIT, Stream, words4 } from './streams.js';
export {
  LARGEST_UNIFORM_32,
  LARGEST_UNIFORM_52,
  SMALLEST_UNIFORM_32,
  UniformSequence,
  uniform32,
  uniform52,
} from './uniform.js';
