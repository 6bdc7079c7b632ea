/** Counts of one mean by tabulated inversion from one 32-bit word. */
export interface PoissonTable {
  readonly mean: number;
  /**
   * `thresholds[i]` words lie below the event "count > first + i": the count of a word is `first` plus the number of thresholds at
   * or below it. Ascending, in [0, 2^32]; a vector kernel may count them in any way.
   */
  readonly thresholds: Float64Array;
  /** Smallest and largest count that a word can give. */
  readonly first: number;
  readonly largest: number;
  /** The count of a word. */
  count(word: number): number;
}

/** What the tails are cut to, relative to the mode: far below a double's rounding of the sum. */
const NEGLIGIBLE = 2 ** -120;
const TAIL = 1e-18;
const TWO_32 = 4294967296;
const GUIDE_BITS = 8;
const LARGEST_MEAN = 2 ** 31;

/**
 * A table for counts with this mean (at least 0), each probability exact to 2^-32: a word w gives the smallest count k with
 * P(X ≤ k) > (w + 1/2) / 2^32. The largest count is therefore below the quantile at 1 − 2^-33.
 */
export function poissonTable(mean: number): PoissonTable {
  const { first, masses } = poissonMasses(mean);
  const cumulative = cumulate(masses);
  const all = cumulative.map((p) => Math.min(TWO_32, Math.ceil(p * TWO_32 - 0.5)));
  let skipped = 0;
  while (all[skipped] <= 0) skipped++;
  let end = skipped;
  while (all[end] < TWO_32 && end < all.length - 1) end++;
  const thresholds = all.slice(skipped, end);
  const base = first + skipped;
  const guide = guideOf(thresholds);
  return {
    mean,
    thresholds,
    first: base,
    largest: base + thresholds.length,
    count: (word) => {
      const w = word >>> 0;
      let i = guide[w >>> (32 - GUIDE_BITS)];
      while (i < thresholds.length && thresholds[i] <= w) i++;
      return base + i;
    },
  };
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
  if (!(mean >= 0 && mean <= LARGEST_MEAN)) {
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

/** For each value of a word's upper bits, how many thresholds lie at or below every word that starts with them. */
function guideOf(thresholds: Float64Array): Uint32Array {
  const guide = new Uint32Array(1 << GUIDE_BITS);
  let i = 0;
  for (let g = 0; g < guide.length; g++) {
    while (i < thresholds.length && thresholds[i] <= g * 2 ** (32 - GUIDE_BITS)) i++;
    guide[g] = i;
  }
  return guide;
}
