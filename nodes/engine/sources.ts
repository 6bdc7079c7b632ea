import { exp } from '../../graph/math.js';
import type { Plan } from '../../graph/plan.js';
import type { Graph, Stimulus } from '../../graph/types.js';
import { Stream, words4 } from '../random/index.js';
import type { Block } from './layout.js';

/** A source population's events, step by step. */
export interface Generator {
  /** Writes the neurons (numbers within the block, ascending) that emit in this step; returns how many. */
  emit(step: number, fired: Uint32Array): number;
  /** Payloads of the last `emit`, for graded sources. */
  readonly values: Float32Array | undefined;
}

type SpikeList = Stimulus & { readonly kind: 'spikes' };

/**
 * Plays the `spikes` stimuli of a population: an event stamped t is emitted in step t / dt − 1. Several events of one neuron in one step
 * become one event: with payloads (1 where there is none) added when the source is graded.
 */
export function spikeListGenerator(graph: Graph, block: Block, dtNs: number, graded: boolean): Generator {
  const name = graph.populations[block.population].name;
  const lists = graph.stimuli.filter((s): s is SpikeList => s.kind === 'spikes' && s.target === name);
  const events = collect(lists, block, dtNs);
  const values = graded ? new Float32Array(block.size) : undefined;
  let at = 0;
  return {
    values,
    emit: (step, fired) => {
      let count = 0;
      // A run that goes on from a snapshot begins in the middle.
      while (at < events.length && events[at].step < step) at++;
      for (; at < events.length && events[at].step === step; at++) {
        const { neuron, value } = events[at];
        if (count > 0 && fired[count - 1] === neuron) {
          if (values !== undefined) values[count - 1] += value;
          continue;
        }
        if (values !== undefined) values[count] = value;
        fired[count++] = neuron;
      }
      return count;
    },
  };
}

interface Event {
  readonly step: number;
  readonly neuron: number;
  readonly value: number;
}

function collect(lists: readonly SpikeList[], block: Block, dtNs: number): Event[] {
  const events: Event[] = [];
  for (const list of lists) {
    for (let i = 0; i < list.timesNs.length; i++) {
      const neuron = list.neurons[i];
      if (neuron < block.begin || neuron >= block.end) continue;
      const step = list.timesNs[i] / dtNs - 1;
      events.push({
        step,
        neuron: neuron - block.begin,
        value: list.values === undefined ? 1 : list.values[i],
      });
    }
  }
  return events.sort((a, b) => a.step - b.step || a.neuron - b.neuron);
}

/** At most one spike a neuron and step, with probability 1 − exp(−rate · dt). */
export function poissonGenerator(block: Block, plan: Plan, rateHz: number | Float64Array): Generator {
  const thresholdOf = (hz: number): number => Math.round((1 - exp((-hz * plan.dtNs) / 1e9)) * 2 ** 32);
  const thresholds =
    typeof rateHz === 'number' ? thresholdOf(rateHz) : Float64Array.from(rateHz, (hz) => thresholdOf(hz));
  const words = new Uint32Array(4);
  return {
    values: undefined,
    emit: (step, fired) => {
      let count = 0;
      let quad = -1;
      for (let j = 0; j < block.size; j++) {
        const neuron = block.begin + j;
        if (neuron >>> 2 !== quad) {
          quad = neuron >>> 2;
          words4(words, plan.seed, Stream.PoissonSource, step, quad, block.population, 0);
        }
        const threshold = typeof thresholds === 'number' ? thresholds : thresholds[j];
        if (words[neuron & 3] < threshold) fired[count++] = j;
      }
      return count;
    },
  };
}

/** Whether a population's spikes carry payloads: some `spikes` stimulus of it has values. */
export function isGraded(graph: Graph, population: number): boolean {
  const { name } = graph.populations[population];
  return graph.stimuli.some((s) => s.kind === 'spikes' && s.target === name && s.values !== undefined);
}
