import type { Kernel } from '../../graph/kernel/check.js';
import { interpretKernel, type KernelData, type KernelStep } from '../../graph/kernel/interpret.js';
import { type PoissonTable, Stream, words4 } from '../random/index.js';
import type { Arena } from './arena.js';
import { deliverBin, pullGroup, type SpikeRun } from './deliver.js';
import type { SpikeHistory } from './history.js';
import type { PlasticBinder } from './plastic/build.js';
import { interpretPlastic } from './plastic/interpret.js';
import type { SynapseGroup } from './synapses.js';
import type { StrandDrawer } from './weave.js';

/** Delivery through one group; both return the number of synaptic events. */
export interface GroupDelivery {
  readonly group: SynapseGroup;
  /** For queued delivery: takes note of entries [from, to) of the history's `step`, just added. */
  readonly take?: (step: number, from: number, to: number) => void;
  /** What acts in `step` after a delay. */
  readonly pull: (step: number) => number;
  /** What acts at once; for groups with synapses without delay. */
  readonly now: (run: SpikeRun) => number;
}

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
  readonly delivery: (
    arena: Arena,
    sums: Float64Array,
    group: SynapseGroup,
    history: SpikeHistory,
  ) => GroupDelivery;
  readonly poisson: (arena: Arena, sums: Float64Array, input: PoissonInput) => PoissonAdder;
  /** Synapses that change. */
  readonly plastic: PlasticBinder;
  /** Follows recipes; projections are expanded where there is none. */
  readonly drawer?: StrandDrawer;
}

export const interpreted: Numerics = {
  kernel: (_arena, kernel, data) => interpretKernel(kernel, data),
  delivery: (_arena, sums, group, history) => ({
    group,
    pull: (step) => pullGroup(sums, group, history, step),
    now: (run) => deliverBin(sums, group, 0, run),
  }),
  poisson: (_arena, sums, input) => (step, place) => addPoisson(sums, place, step, input),
  plastic: (_arena, sums, memory) => interpretPlastic(memory, sums),
};

function addPoisson(sums: Float64Array, place: number, step: number, input: PoissonInput): void {
  const { begin, end, weight, table, seed, stimulus } = input;
  const words = new Uint32Array(4);
  const fine = new Uint32Array(4);
  let eight = -1;
  for (let neuron = begin; neuron < end; neuron++) {
    if (neuron >>> 3 !== eight) {
      eight = neuron >>> 3;
      words4(words, seed, Stream.PoissonStimulus, step, eight, stimulus, 0);
    }
    const word = words[(neuron & 7) >>> 1];
    const half = (neuron & 1) === 0 ? word & 0xffff : word >>> 16;
    const count = table.count(half, () => {
      words4(fine, seed, Stream.PoissonStimulus, step, neuron, stimulus, 1);
      return fine[0];
    });
    sums[place + neuron - begin] += count * weight;
  }
}
