/** What a population's spikes look like: rates, irregularity, correlation. Pure. */

/** Spikes of one population in any order; a spike's time is its step. */
export interface Spikes {
  readonly size: number;
  readonly steps: Uint32Array;
  readonly neurons: Uint32Array;
}

export interface Window {
  readonly dtMs: number;
  /** Steps [first, end) count. */
  readonly first: number;
  readonly end: number;
}

export interface Activity {
  /** Mean over all neurons, and the standard deviation between them. */
  readonly rateHz: number;
  readonly rateStdHz: number;
  /** Mean coefficient of variation of inter-spike intervals, over neurons with `CV_SPIKES` spikes or more. */
  readonly cv: number;
  /** Mean Pearson correlation of spike counts in bins, over all pairs of a sample of neurons that spike. */
  readonly correlation: number;
}

const CV_SPIKES = 4;
const BIN_MS = 2;
const SAMPLE = 200;

export function activityOf(spikes: Spikes, window: Window): Activity {
  const { begins, steps } = byNeuron(spikes, window);
  const seconds = ((window.end - window.first) * window.dtMs) / 1000;
  const rates = Float64Array.from({ length: spikes.size }, (_, n) => (begins[n + 1] - begins[n]) / seconds);
  const trains = Array.from({ length: spikes.size }, (_, n) => steps.subarray(begins[n], begins[n + 1]));
  return {
    rateHz: mean(rates),
    rateStdHz: deviation(rates),
    cv: mean(trains.filter((train) => train.length >= CV_SPIKES).map(cvOf)),
    correlation: meanCorrelation(sampleOf(trains), window),
  };
}

/** Each neuron's steps in ascending order: neuron n has [begins[n], begins[n + 1]). */
function byNeuron(
  { size, steps, neurons }: Spikes,
  { first, end }: Window,
): { begins: Uint32Array; steps: Uint32Array } {
  const begins = new Uint32Array(size + 1);
  const counts = (i: number): boolean => steps[i] >= first && steps[i] < end;
  for (let i = 0; i < steps.length; i++) if (counts(i)) begins[neurons[i] + 1]++;
  for (let n = 0; n < size; n++) begins[n + 1] += begins[n];
  const sorted = new Uint32Array(begins[size]);
  const next = begins.slice();
  for (let i = 0; i < steps.length; i++) if (counts(i)) sorted[next[neurons[i]]++] = steps[i];
  for (let n = 0; n < size; n++) sorted.subarray(begins[n], begins[n + 1]).sort();
  return { begins, steps: sorted };
}

function cvOf(train: Uint32Array): number {
  const intervals = Float64Array.from({ length: train.length - 1 }, (_, i) => train[i + 1] - train[i]);
  return deviation(intervals) / mean(intervals);
}

/** Evenly spread over the population, among neurons that spike. */
function sampleOf(trains: readonly Uint32Array[]): readonly Uint32Array[] {
  const active = trains.filter((train) => train.length > 0);
  if (active.length <= SAMPLE) return active;
  return Array.from({ length: SAMPLE }, (_, i) => active[Math.floor((i * active.length) / SAMPLE)]);
}

/**
 * Mean over pairs i ≠ j of Σ_t z_i(t) z_j(t) / T, with z the counts of a bin less their mean, in units of their standard deviation:
 * ((Σ_t (Σ_i z_i(t))²) / T − n) / (n (n − 1)), without looking at each pair.
 */
function meanCorrelation(trains: readonly Uint32Array[], { dtMs, first, end }: Window): number {
  const binSteps = Math.round(BIN_MS / dtMs);
  const bins = Math.floor((end - first) / binSteps);
  const sum = new Float64Array(bins);
  let used = 0;
  for (const train of trains) {
    const counts = new Float64Array(bins);
    for (const step of train) {
      const bin = Math.floor((step - first) / binSteps);
      if (bin < bins) counts[bin]++;
    }
    const middle = mean(counts);
    const spread = Math.sqrt(mean(counts.map((count) => (count - middle) ** 2)));
    if (spread === 0) continue;
    used++;
    for (let bin = 0; bin < bins; bin++) sum[bin] += (counts[bin] - middle) / spread;
  }
  return (mean(sum.map((z) => z * z)) - used) / (used * (used - 1));
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/** Sample standard deviation. */
export function deviation(values: ArrayLike<number>): number {
  const middle = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] - middle) ** 2;
  return Math.sqrt(sum / (values.length - 1));
}
