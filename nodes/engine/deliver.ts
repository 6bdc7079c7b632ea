import { roundTo, type SynapseGroup } from './synapses.js';

/** Sums to come: `depth` steps × `width` accumulators, used as a ring by step. */
export interface Ring {
  readonly sums: Float64Array;
  readonly depth: number;
  readonly width: number;
}

/** Spikes [from, to) of a list; neuron numbers plus `shift` are compact source numbers. */
export interface SpikeRun {
  readonly neurons: Uint32Array;
  readonly values: Float32Array | undefined;
  readonly from: number;
  readonly to: number;
  readonly shift: number;
}

/**
 * Adds what spikes emitted in `step` cause, through one group, to the sums of the steps in which they act. Any order of calls gives the
 * same bits, since every addend is a multiple of its accumulator's quantum. Returns the number of synaptic events.
 */
export function deliverGroup(ring: Ring, group: SynapseGroup, step: number, run: SpikeRun): number {
  const { firstSource, rows, rowStart } = group;
  let events = 0;
  for (let s = run.from; s < run.to; s++) {
    const row = run.neurons[s] + run.shift - firstSource;
    if (row < 0 || row >= rows) continue;
    const value = run.values === undefined ? 1 : run.values[s];
    const begin = rowStart[row];
    const end = rowStart[row + 1];
    if (group.delay !== undefined) {
      addRow(ring, group, step + group.delay, begin, end, value);
      events += end - begin;
      continue;
    }
    const starts = group.segmentStart as Uint32Array;
    const delays = group.segmentDelay as Uint16Array;
    for (let segment = begin; segment < end; segment++) {
      addRow(ring, group, step + delays[segment], starts[segment], starts[segment + 1], value);
    }
    events += starts[end] - starts[begin];
  }
  return events;
}

function addRow(
  ring: Ring,
  group: SynapseGroup,
  step: number,
  from: number,
  to: number,
  value: number,
): void {
  const { sums } = ring;
  const { targets, weights, weight, quantum } = group;
  const offset = (step % ring.depth) * ring.width + group.base;
  if (quantum !== 0) {
    for (let i = from; i < to; i++) {
      const each = weights === undefined ? (weight as number) : weights[i];
      sums[offset + targets[i]] += roundTo(each * value, quantum);
    }
  } else if (weights === undefined) {
    const constant = weight as number;
    for (let i = from; i < to; i++) sums[offset + targets[i]] += constant;
  } else {
    for (let i = from; i < to; i++) sums[offset + targets[i]] += weights[i];
  }
}
