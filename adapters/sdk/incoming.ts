/** What projects to the populations of an adapter: who, over which synapses. */
import type { Plan } from '../../graph/plan.js';
import type { Graph } from '../../graph/types.js';
import { expandProjection, modelFor } from '../../nodes/index.js';
import type { AdapterSource, IncomingSynapses } from './plugin.js';

export interface Incoming {
  readonly sources: readonly AdapterSource[];
  /** Place in `sources` of each population of the graph; −1 where it projects to nothing here. */
  readonly sourceOf: readonly number[];
  readonly synapses: readonly IncomingSynapses[];
  /** In steps; infinity without any. */
  readonly minDelaySteps: readonly number[];
}

/** Expands every projection that ends in the federate's slices; those without a synapse there don't count. */
export function incomingOf(graph: Graph, plan: Plan, federate: number): Incoming {
  const { slices } = plan.federates[federate];
  const sourceOf = graph.populations.map(() => -1);
  const found: { readonly population: number; minDelaySteps: number }[] = [];
  const synapses: IncomingSynapses[] = [];
  graph.projections.forEach((projection, number) => {
    slices.forEach((slice, target) => {
      if (graph.populations[slice.population].name !== projection.target) return;
      const input = { graph, projection: number, seed: plan.seed, dtNs: plan.dtNs };
      const { sources, targets, weights, delaySteps } = expandProjection(input, slice);
      if (sources.length === 0) return;
      const population = graph.populations.findIndex(({ name }) => name === projection.source);
      if (sourceOf[population] < 0) {
        sourceOf[population] = found.push({ population, minDelaySteps: Number.POSITIVE_INFINITY }) - 1;
      }
      const source = found[sourceOf[population]];
      const each = column(sources.length, delaySteps);
      source.minDelaySteps = each.reduce((least, d) => Math.min(least, d), source.minDelaySteps);
      const weight = column(sources.length, weights);
      synapses.push({
        projection: projection.name,
        source: sourceOf[population],
        target,
        ports: portsOf(graph, slice.population, projection.receptor, weight),
        sources,
        targets,
        weights: weight,
        delaysNs: each.map((d) => d * plan.dtNs),
      });
    });
  });
  return {
    sources: found.map(({ population, minDelaySteps }) => {
      const { name, model, size } = graph.populations[population];
      const here = slices.some((slice) => slice.population === population);
      return { name, model, size, here, minDelayNs: minDelaySteps * plan.dtNs };
    }),
    sourceOf,
    synapses,
    minDelaySteps: found.map(({ minDelaySteps }) => minDelaySteps),
  };
}

/** One value for each synapse. */
export function column(length: number, values: number | ArrayLike<number>): Float64Array {
  if (typeof values === 'number') return new Float64Array(length).fill(values);
  return Float64Array.from(values);
}

/** As the engine chooses them: the receptor's, else the model's only or first one, or by the weight's sign. */
function portsOf(
  graph: Graph,
  population: number,
  receptor: string | undefined,
  weights: Float64Array,
): Uint8Array {
  const { ports, portBySign } = modelFor(graph, population);
  if (receptor !== undefined) {
    return new Uint8Array(weights.length).fill(ports.findIndex(({ name }) => name === receptor));
  }
  if (portBySign !== true) return new Uint8Array(weights.length);
  return Uint8Array.from(weights, (weight) => (weight >= 0 ? 0 : 1));
}

/** Synapses by source neuron, for the `synaptic` view. */
export interface Fan {
  /** Synapses of neuron n are [starts[n], starts[n + 1]) of the columns. */
  readonly starts: Uint32Array;
  /** Place in the adapter's populations, and number within it. */
  readonly targets: Uint32Array;
  readonly neurons: Uint32Array;
  readonly ports: Uint8Array;
  readonly weights: Float64Array;
  readonly delaySteps: Uint32Array;
}

/** One fan for each source. */
export function fansOf({ sources, synapses }: Incoming, dtNs: number): Fan[] {
  return sources.map(({ size }, source) => {
    const own = synapses.filter((each) => each.source === source);
    const starts = new Uint32Array(size + 1);
    for (const each of own) for (const neuron of each.sources) starts[neuron + 1]++;
    for (let n = 0; n < size; n++) starts[n + 1] += starts[n];
    const total = starts[size];
    const next = starts.slice(0, size);
    const fan = {
      starts,
      targets: new Uint32Array(total),
      neurons: new Uint32Array(total),
      ports: new Uint8Array(total),
      weights: new Float64Array(total),
      delaySteps: new Uint32Array(total),
    };
    for (const each of own) {
      each.sources.forEach((neuron, i) => {
        const at = next[neuron]++;
        fan.targets[at] = each.target;
        fan.neurons[at] = each.targets[i];
        fan.ports[at] = each.ports[i];
        fan.weights[at] = each.weights[i];
        fan.delaySteps[at] = Math.round(each.delaysNs[i] / dtNs);
      });
    }
    return fan;
  });
}
