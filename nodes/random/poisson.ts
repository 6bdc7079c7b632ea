/**
 * Counts of one mean by tabulated inversion from 16 bits, and from 32 more in the few cases where these don't decide: half the random words
 * of an inversion from 32 bits, at a resolution of 2^-48.
 */
export interface PoissonTable {
  readonly mean: number;
  /**
   * Threshold i is high[i] · 2^32 + low[i], in units of 2^-48, ascending. The count of (half, finer) is `first` plus the number of thresholds at
   * or below half · 2^32 + finer. A vector kernel may count them in any way.
   */
  readonly high: Uint16Array;
  readonly low: Uint32Array;
  /** Smallest and largest count that can come out. */
  readonly first: number;
  readonly largest: number;
  /** @param finer asked for only where `half` doesn't decide */
  count(half: number, finer: () => number): number;
}

/** What the tails are cut to, relative to the mode: far below a double's rounding of the sum. */
const NEGLIGIBLE = 2 ** -120;
const TAIL = 1e-18;
const TWO_32 = 4294967296;
const TWO_48 = 2 ** 48;
/** Of counts that can be drawn. */
export const LARGEST_POISSON_MEAN = 2 ** 31;

/**
 * A table for counts with this mean (at least 0), each probability exact to 2^-48: a value v in [0, 2^48) gives the smallest count k
 * with P(X ≤ k) > (v + 1/2) / 2^48. The largest count is therefore below the quantile at 1 − 2^-49.
 */
export function poissonTable(mean: number): PoissonTable {
  const { first, masses } = poissonMasses(mean);
  const all = cumulate(masses).map((p) => Math.min(TWO_48, Math.ceil(p * TWO_48 - 0.5)));
  let skipped = 0;
  while (all[skipped] <= 0) skipped++;
  let end = skipped;
  while (end < all.length - 1 && all[end] < TWO_48) end++;
  const thresholds = all.slice(skipped, end);
  const base = first + skipped;
  const high = Uint16Array.from(thresholds, (t) => Math.floor(t / TWO_32));
  const low = Uint32Array.from(thresholds, (t) => t % TWO_32);
  return {
    mean,
    high,
    low,
    first: base,
    largest: base + thresholds.length,
    count: (half, finer) => base + countBelow(high, low, half, finer),
  };
}

function countBelow(high: Uint16Array, low: Uint32Array, half: number, finer: () => number): number {
  let i = 0;
  while (i < high.length && high[i] < half) i++;
  if (i === high.length || high[i] !== half) return i;
  const word = finer();
  while (i < high.length && high[i] === half && low[i] <= word) i++;
  return i;
}

/** The quantile at 1 − 1e-18: no table of this mean, or of a smaller one, gives more. */
export function largestPoissonCount(mean: number): number {
  const { first, masses } = poissonMasses(mean);
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  let tail = 0;
  let k = masses.length - 1;
  while (k > 0 && tail + masses[k] < TAIL * total) tail += masses[k--];
  return first + k;
}

/** Probabilities of first, first + 1, … relative to the mode's, by the recurrence p(k + 1) = p(k) · mean / (k + 1). */
function poissonMasses(mean: number): { first: number; masses: number[] } {
  if (!(mean >= 0 && mean <= LARGEST_POISSON_MEAN)) {
    throw new RangeError(`mean of a Poisson count: ${mean}, must be from 0 to 2^31`);
  }
  const mode = Math.floor(mean);
  const below: number[] = [];
  for (let k = mode, mass = 1; k > 0; k--) {
    mass *= k / mean;
    if (mass < NEGLIGIBLE) break;
    below.push(mass);
  }
  const above: number[] = [];
  for (let k = mode + 1, mass = 1; ; k++) {
    mass *= mean / k;
    if (mass < NEGLIGIBLE) break;
    above.push(mass);
  }
  return { first: mode - below.length, masses: [...below.reverse(), 1, ...above] };
}

function cumulate(masses: readonly number[]): Float64Array {
  const sums = new Float64Array(masses.length);
  let sum = 0;
  for (let i = 0; i < masses.length; i++) {
    sum += masses[i];
    sums[i] = sum;
  }
  return sums.map((partial) => partial / sum);
}
