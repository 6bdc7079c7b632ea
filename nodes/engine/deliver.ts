import type { SpikeHistory } from './history.js';
import { roundTo, type SynapseGroup, targetAt, weightAt } from './synapses.js';

/** Spikes [from, to) of a list; neuron numbers plus `shift` are compact source numbers. */
export interface SpikeRun {
  readonly neurons: Uint32Array;
  readonly values: Float32Array | undefined;
  readonly from: number;
  readonly to: number;
  readonly shift: number;
}

/**
 * Adds to the sums of `step` all that acts in it through a group with a delay of at least one step: for each delay, what was emitted that
 * long ago. Only the sums of one step are ever in memory. Any order gives the same bits, since every addend is a multiple of its
 * accumulator's quantum. Returns the number of synaptic events.
 */
export function pullGroup(
  sums: Float64Array,
  group: SynapseGroup,
  history: SpikeHistory,
  step: number,
): number {
  let events = 0;
  for (let bin = 0; bin < group.bins; bin++) {
    const delay = group.firstDelay + bin;
    if (delay === 0 || delay > step) continue;
    const { neurons, values, count } = history.at(step - delay);
    events += deliverBin(sums, group, bin, { neurons, values, from: 0, to: count, shift: 0 });
  }
  return events;
}

/** Adds what spikes cause through the group's synapses of one delay. */
export function deliverBin(sums: Float64Array, group: SynapseGroup, bin: number, run: SpikeRun): number {
  const { firstSource, rows, bins, cells, base, quantum } = group;
  let events = 0;
  for (let s = run.from; s < run.to; s++) {
    const row = run.neurons[s] + run.shift - firstSource;
    if (row < 0 || row >= rows) continue;
    const begin = cells[row * bins + bin];
    const end = cells[row * bins + bin + 1];
    const value = run.values === undefined ? 1 : run.values[s];
    for (let i = begin; i < end; i++) {
      const weight = weightAt(group, i);
      sums[base + targetAt(group, i)] += quantum === 0 ? weight : roundTo(weight * value, quantum);
    }
    events += end - begin;
  }
  return events;
}
