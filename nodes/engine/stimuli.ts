import { GraphError } from '../../graph/errors.js';
import type { Plan } from '../../graph/plan.js';
import type { Graph, Stimulus, Value } from '../../graph/types.js';
import { drawValue, type PoissonTable, poissonTable, Stream } from '../random/index.js';
import type { Block } from './layout.js';
import type { PoissonAdder, PoissonInput } from './numerics.js';
import type { Quanta } from './quantum.js';
import { sineOfTurns, turnsAt } from './sine.js';
import { roundTo } from './synapses.js';

/** Adds the events of a Poisson stimulus that act in a step to its port's sums. */
export interface PoissonStimulus {
  add(step: number): void;
}

/** Adds a current's amplitude in a step to each neuron's current. */
export interface CurrentStimulus {
  add(step: number, current: Float64Array): void;
}

export function poissonStimuli(
  graph: Graph,
  block: Block,
  plan: Plan,
  quanta: Quanta,
  adderOf: (input: PoissonInput) => PoissonAdder,
): PoissonStimulus[] {
  const { name } = graph.populations[block.population];
  return graph.stimuli.flatMap((stimulus, number) => {
    if (stimulus.target !== name) return [];
    if (stimulus.kind === 'poisson') {
      return [poissonStimulus(stimulus, number, block, plan, quanta, adderOf)];
    }
    return stimulus.kind === 'inhomogeneous_poisson'
      ? [inhomogeneousPoisson(stimulus, number, block, plan, quanta, adderOf)]
      : [];
  });
}

/** One table for each rate. Drawn as a `poisson` stimulus of the rate of that step would be. */
function inhomogeneousPoisson(
  stimulus: Stimulus & { readonly kind: 'inhomogeneous_poisson' },
  number: number,
  block: Block,
  { dtNs, seed }: Plan,
  quanta: Quanta,
  adderOf: (input: PoissonInput) => PoissonAdder,
): PoissonStimulus {
  const { timesNs, ratesHz } = stimulus;
  const { port, weight } = synapseOf(stimulus, block, quanta);
  const delaySteps = stimulus.delayNs / dtNs;
  const { begin, end } = block;
  const adders = new Map<number, PoissonAdder>();
  for (const hz of ratesHz) {
    if (hz === 0 || adders.has(hz)) continue;
    const table = poissonTable((hz * dtNs) / 1e9);
    adders.set(hz, adderOf({ begin, end, weight, table, seed, stimulus: number }));
  }
  let at = -1;
  return {
    add: (step) => {
      const emitted = step - delaySteps;
      if (emitted < 0) return;
      while (at + 1 < timesNs.length && timesNs[at + 1] <= (emitted + 1) * dtNs) at++;
      if (at >= 0) adders.get(ratesHz[at])?.(emitted, block.ports[port]);
    },
  };
}

function synapseOf(
  { weight, receptor }: { readonly weight: number; readonly receptor?: string },
  block: Block,
  quanta: Quanta,
): { readonly port: number; readonly weight: number } {
  const chosen = quanta.portOf(block.population, receptor);
  const port = chosen === 'by_sign' ? (weight >= 0 ? 0 : 1) : chosen;
  return { port, weight: roundTo(weight, quanta.of[block.population][port]) };
}

function poissonStimulus(
  stimulus: Stimulus & { readonly kind: 'poisson' },
  number: number,
  block: Block,
  plan: Plan,
  quanta: Quanta,
  adderOf: (input: PoissonInput) => PoissonAdder,
): PoissonStimulus {
  const { dtNs, seed } = plan;
  const { port, weight } = synapseOf(stimulus, block, quanta);
  const delaySteps = stimulus.delayNs / dtNs;
  const rates = ratesOf(stimulus.rateHz, number, block, seed);
  const runs = tableRuns(rates, block, dtNs).map(({ begin, end, table }) => ({
    place: block.ports[port] + begin - block.begin,
    add: adderOf({ begin, end, weight, table, seed, stimulus: number }),
  }));
  return {
    add: (step) => {
      const emitted = step - delaySteps;
      if (!isActive(stimulus, emitted, dtNs)) return;
      for (const { place, add } of runs) add(emitted, place);
    },
  };
}

/** Spikes are stamped in (start, stop], as NEST's generators do. */
function isActive(
  stimulus: { readonly startNs?: number; readonly stopNs?: number },
  emittedStep: number,
  dtNs: number,
): boolean {
  const stampNs = (emittedStep + 1) * dtNs;
  return (
    emittedStep >= 0 &&
    stampNs > (stimulus.startNs ?? 0) &&
    stampNs <= (stimulus.stopNs ?? Number.POSITIVE_INFINITY)
  );
}

/** One for all, or one for each neuron of the block. */
function ratesOf(rateHz: Value, stimulus: number, block: Block, seed: number): number | Float64Array {
  if (typeof rateHz === 'number') return rateHz;
  if (rateHz instanceof Float64Array) return rateHz.subarray(block.begin, block.end);
  return Float64Array.from({ length: block.size }, (_, i) => {
    const neuron = block.begin + i;
    const rate = drawValue(rateHz, seed, Stream.PoissonRate, stimulus, 0, neuron);
    if (rate >= 0) return rate;
    throw new GraphError(
      `stimuli[${stimulus}].rate`,
      `neuron ${neuron} drew ${rate} Hz with seed ${seed}, expected at least 0 Hz: clip the distribution`,
    );
  });
}

/** Neurons of one rate next to each other share a table and a run. */
function tableRuns(
  rateHz: number | Float64Array,
  block: Block,
  dtNs: number,
): { begin: number; end: number; table: PoissonTable }[] {
  const tableOf = (hz: number): PoissonTable => poissonTable((hz * dtNs) / 1e9);
  if (typeof rateHz === 'number') return [{ begin: block.begin, end: block.end, table: tableOf(rateHz) }];
  const known = new Map<number, PoissonTable>();
  const runs: { begin: number; end: number; table: PoissonTable }[] = [];
  for (let neuron = block.begin; neuron < block.end; neuron++) {
    const rate = rateHz[neuron - block.begin];
    const table = known.get(rate) ?? tableOf(rate);
    known.set(rate, table);
    const last = runs.at(-1);
    if (last?.table === table) last.end = neuron + 1;
    else runs.push({ begin: neuron, end: neuron + 1, table });
  }
  return runs;
}

/** Step, AC and noise currents of a block, in the graph's order of stimuli. */
export function currentStimuli(graph: Graph, block: Block, plan: Plan): CurrentStimulus[] {
  const { name } = graph.populations[block.population];
  return graph.stimuli.flatMap((stimulus, number) => {
    if (stimulus.target !== name) return [];
    if (stimulus.kind === 'step_current') return [stepCurrent(stimulus, block, plan.dtNs)];
    if (stimulus.kind === 'ac_current') return [acCurrent(stimulus, block, plan.dtNs)];
    if (stimulus.kind === 'noise_current') return [noiseCurrent(stimulus, number, block, plan)];
    return [];
  });
}

function stepCurrent(
  stimulus: Stimulus & { readonly kind: 'step_current' },
  block: Block,
  dtNs: number,
): CurrentStimulus {
  const { timesNs, amplitudes } = stimulus;
  const [from, to] = rangeIn(stimulus, block);
  let at = -1;
  return {
    add: (step, current) => {
      while (at + 1 < timesNs.length && timesNs[at + 1] <= step * dtNs) at++;
      if (at < 0) return;
      for (let j = from; j < to; j++) current[j] += amplitudes[at];
    },
  };
}

function acCurrent(
  stimulus: Stimulus & { readonly kind: 'ac_current' },
  block: Block,
  dtNs: number,
): CurrentStimulus {
  const { amplitude, offset, frequencyHz, phaseDeg, startNs = 0, stopNs = Infinity } = stimulus;
  const [from, to] = rangeIn(stimulus, block);
  return {
    add: (step, current) => {
      const ns = step * dtNs;
      if (ns < startNs || ns >= stopNs) return;
      const value = offset + amplitude * sineOfTurns(turnsAt(ns, frequencyHz, phaseDeg));
      for (let j = from; j < to; j++) current[j] += value;
    },
  };
}

function noiseCurrent(
  stimulus: Stimulus & { readonly kind: 'noise_current' },
  number: number,
  block: Block,
  { dtNs, seed }: Plan,
): CurrentStimulus {
  const [from, to] = rangeIn(stimulus, block);
  const drawn = new Float64Array(block.size);
  const normal = { kind: 'normal', mean: stimulus.mean, std: stimulus.std } as const;
  let interval = -1;
  return {
    add: (step, current) => {
      const now = Math.floor((step * dtNs) / stimulus.intervalNs);
      if (now !== interval) {
        interval = now;
        for (let j = from; j < to; j++) {
          drawn[j] = drawValue(normal, seed, Stream.NoiseCurrent, number, block.begin + j, interval);
        }
      }
      for (let j = from; j < to; j++) current[j] += drawn[j];
    },
  };
}

function rangeIn(
  stimulus: { readonly range?: { readonly begin: number; readonly end: number } },
  block: Block,
): [number, number] {
  const begin = Math.max(block.begin, stimulus.range?.begin ?? 0);
  const end = Math.min(block.end, stimulus.range?.end ?? block.end);
  return begin < end ? [begin - block.begin, end - block.begin] : [0, 0];
}
