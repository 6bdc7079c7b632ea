import type { Kernel } from '../../graph/kernel/check.js';
import { interpretKernel, type KernelData, type KernelStep } from '../../graph/kernel/interpret.js';
import { type PoissonTable, Stream, words4 } from '../random/index.js';
import type { Arena } from './arena.js';
import { deliverGroup, type Ring, type SpikeRun } from './deliver.js';
import type { SynapseGroup } from './synapses.js';
import type { StrandDrawer } from './weave.js';

/** Delivers spikes emitted in `step` through one group; returns the number of synaptic events. */
export type GroupDelivery = (step: number, run: SpikeRun) => number;

/** Independent Poisson counts × weight for each neuron of a block, drawn for `step`, added to sums from `place` on. */
export interface PoissonInput {
  readonly begin: number;
  readonly end: number;
  readonly weight: number;
  readonly table: PoissonTable;
  readonly seed: number;
  readonly stimulus: number;
}

export type PoissonAdder = (step: number, place: number) => void;

/**
 * The loops that cost time. `interpreted` is their plain TypeScript, which says what they mean; another set has to give the same
 * bits.
 */
export interface Numerics {
  readonly kernel: (arena: Arena, kernel: Kernel, data: KernelData) => KernelStep;
  readonly delivery: (arena: Arena, ring: Ring, group: SynapseGroup) => GroupDelivery;
  readonly poisson: (arena: Arena, sums: Float64Array, input: PoissonInput) => PoissonAdder;
  /** Follows recipes; projections are expanded where there is none. */
  readonly drawer?: StrandDrawer;
}

export const interpreted: Numerics = {
  kernel: (_arena, kernel, data) => interpretKernel(kernel, data),
  delivery: (_arena, ring, group) => (step, run) => deliverGroup(ring, group, step, run),
  poisson: (_arena, sums, input) => (step, place) => addPoisson(sums, place, step, input),
};

function addPoisson(sums: Float64Array, place: number, step: number, input: PoissonInput): void {
  const { begin, end, weight, table } = input;
  const words = new Uint32Array(4);
  let quad = -1;
  for (let neuron = begin; neuron < end; neuron++) {
    if (neuron >>> 2 !== quad) {
      quad = neuron >>> 2;
      words4(words, input.seed, Stream.PoissonStimulus, step, quad, input.stimulus, 0);
    }
    sums[place + neuron - begin] += table.count(words[neuron & 3]) * weight;
  }
}
