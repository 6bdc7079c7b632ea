import { GraphError } from '../../graph/errors.js';
import { isPlastic } from '../../graph/synapses/index.js';
import type { Graph, Value } from '../../graph/types.js';
import { boundsOf, type ProjectionBounds } from '../connect/index.js';
import {
  LARGEST_POISSON_MEAN,
  LARGEST_UNIFORM_52,
  largestPoissonCount,
  quantileOf,
} from '../random/index.js';
import { modelFor } from './layout.js';
import { largestWeightOf } from './plastic/build.js';
import { isGraded } from './sources.js';

/**
 * The quantum of every accumulator: q = 2^(ceil(log2 B) − 52), where B bounds the sum of |weight| × multiplicity that can reach one neuron's
 * port in one step. Every addend is a multiple of q and every partial sum below 2^52 q, so float64 adds them exactly, in any order.
 */
export interface Quanta {
  /** By population and port. */
  readonly of: readonly (readonly number[])[];
  /** By projection. */
  readonly bounds: readonly ProjectionBounds[];
  /** The port that a projection or stimulus onto this population ends at. */
  readonly portOf: (population: number, receptor: string | undefined) => number | 'by_sign';
}

/** @throws GraphError where a bound isn't finite, naming the population. */
export function quantaOf(graph: Graph, dtNs: number): Quanta {
  const number = new Map(graph.populations.map((population, i) => [population.name, i]));
  const bounds = graph.projections.map((projection) => boundsOf(graph, projection, dtNs));
  const sums = graph.populations.map((_, p) => modelFor(graph, p).ports.map(() => 0));
  const portOf = (population: number, receptor: string | undefined): number | 'by_sign' =>
    findPort(graph, population, receptor);
  const add = (target: number, receptor: string | undefined, bound: number): void => {
    const port = portOf(target, receptor);
    if (port === 'by_sign') {
      sums[target][0] += bound;
      sums[target][1] += bound;
    } else sums[target][port] += bound;
  };
  graph.projections.forEach((projection, i) => {
    const source = number.get(projection.source) as number;
    if (modelFor(graph, source).emits !== 'spike') return;
    const target = number.get(projection.target) as number;
    const sum = isPlastic(projection)
      ? bounds[i].maxIndegree * largestWeightOf(graph, projection, dtNs)
      : bounds[i].maxWeightSum;
    add(target, projection.receptor, sum * largestPayload(graph, source));
  });
  graph.stimuli.forEach((stimulus, i) => {
    if (stimulus.kind !== 'poisson' && stimulus.kind !== 'inhomogeneous_poisson') return;
    const target = number.get(stimulus.target) as number;
    const rateHz =
      stimulus.kind === 'poisson' ? largestOf(stimulus.rateHz) : Math.max(0, ...stimulus.ratesHz);
    const mean = (rateHz * dtNs) / 1e9;
    if (!(mean <= LARGEST_POISSON_MEAN)) {
      throw new GraphError(
        `stimuli[${i}].${stimulus.kind === 'poisson' ? 'rate' : 'rates'}`,
        `found up to ${rateHz} Hz, expected at most ${(LARGEST_POISSON_MEAN * 1e9) / dtNs} Hz: 2^31 events a step`,
      );
    }
    add(target, stimulus.receptor, Math.abs(stimulus.weight) * largestPoissonCount(mean));
  });
  const of = sums.map((ports, p) => ports.map((bound) => quantumFor(bound, graph.populations[p].name)));
  return { of, bounds, portOf };
}

function quantumFor(bound: number, population: string): number {
  if (bound === 0) return 1;
  if (!Number.isFinite(bound) || bound > 2 ** 900) {
    throw new GraphError(
      `populations.${population}`,
      `input in one step can reach ${bound}; expected a finite bound: clip its weights or payloads`,
    );
  }
  // A little room for the rounding of each weight and of this sum itself. Every float64 is a multiple of 2^-1074.
  return 2 ** Math.max(ceilLog2(bound * (1 + 2 ** -30)) - 52, -1074);
}

function findPort(graph: Graph, population: number, receptor: string | undefined): number | 'by_sign' {
  const model = modelFor(graph, population);
  if (receptor === undefined) return model.portBySign === true ? 'by_sign' : 0;
  return model.ports.findIndex((port) => port.name === receptor);
}

/** Largest |payload| of a source's spikes; events of one neuron in one step count together. */
function largestPayload(graph: Graph, source: number): number {
  if (!isGraded(graph, source)) return 1;
  const { name } = graph.populations[source];
  let largest = 0;
  for (const stimulus of graph.stimuli) {
    if (stimulus.kind !== 'spikes' || stimulus.target !== name) continue;
    let list = stimulus.values === undefined ? 1 : 0;
    for (const value of stimulus.values ?? []) list = Math.max(list, Math.abs(value));
    largest += list;
  }
  // The events of one neuron in one step are added before they travel.
  return largest * mostRepeats(graph, name);
}

/** Most events of one neuron at one time in one list; lists are in order of (time, neuron). */
function mostRepeats(graph: Graph, name: string): number {
  let most = 1;
  for (const stimulus of graph.stimuli) {
    if (stimulus.kind !== 'spikes' || stimulus.target !== name) continue;
    let run = 1;
    for (let i = 1; i < stimulus.timesNs.length; i++) {
      const same =
        stimulus.timesNs[i] === stimulus.timesNs[i - 1] && stimulus.neurons[i] === stimulus.neurons[i - 1];
      run = same ? run + 1 : 1;
      most = Math.max(most, run);
    }
  }
  return most;
}

function largestOf(value: Value): number {
  if (typeof value === 'number') return value;
  if (value instanceof Float64Array) return value.reduce((most, v) => Math.max(most, v), 0);
  return Math.max(0, quantileOf(value, LARGEST_UNIFORM_52));
}

/** Smallest e with 2^e >= x, read off the bits: logarithms of the platform may differ. */
function ceilLog2(x: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const exponent = ((view.getUint32(0) >>> 20) & 0x7ff) - 1023;
  return 2 ** exponent >= x ? exponent : exponent + 1;
}
