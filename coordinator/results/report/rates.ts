/** Population rates over time, in bins. Pure. */
import type { RunResult } from '../types.js';
import { endOf } from './raster.js';

export interface Rates {
  readonly binNs: number;
  /** Middle of each bin, ms. */
  readonly timesMs: readonly number[];
  /** By population with recorded spikes: spikes a second and recorded neuron. */
  readonly hz: readonly (readonly number[])[];
}

const [LEAST_BINS, MOST_BINS] = [40, 250];
/** Spikes a bin has on average, where there are enough bins. */
const SPIKES_A_BIN = 10;

export function ratesOf(result: RunResult): Rates {
  const { dtNs } = result.settings;
  const steps = Math.max(1, Math.ceil(endOf(result) / dtNs));
  const spikes = result.spikes.reduce((sum, own) => sum + own.steps.length, 0);
  const wanted = Math.max(LEAST_BINS, Math.min(MOST_BINS, spikes / SPIKES_A_BIN));
  const binSteps = roundUp(steps / wanted);
  const bins = Math.ceil(steps / binSteps);
  const stepsOf = (bin: number): number => Math.min(binSteps, steps - bin * binSteps);
  const times = Array.from({ length: bins }, (_, bin) => ((bin * binSteps + stepsOf(bin) / 2) * dtNs) / 1e6);
  const hz = result.spikes.map((own) => {
    const counts = new Array<number>(bins).fill(0);
    for (const step of own.steps) counts[Math.floor(step / binSteps)]++;
    return counts.map((count, bin) => count / own.recorded / ((stepsOf(bin) * dtNs) / 1e9));
  });
  return { binNs: binSteps * dtNs, timesMs: times, hz };
}

/** The next of 1, 2, 5, 10, 20, 50, … */
function roundUp(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return [1, 2, 5, 10].map((factor) => factor * decade).find((candidate) => candidate >= value) ?? value;
}
