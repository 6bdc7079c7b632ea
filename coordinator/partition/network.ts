import {
  type Graph,
  GraphError,
  modelOf,
  type Population,
  type Projection,
  type Stimulus,
} from '../../graph/index.js';
import { boundsOf, type ProjectionBounds } from '../../nodes/connect/index.js';

/** Rate that is assumed of neurons of which nothing better is known. */
export const ASSUMED_RATE_HZ = 10;

/** The graph as the partitioner sees it: numbers instead of names, and estimated costs. Costs only steer; no result depends on them. */
export interface Network {
  readonly graph: Graph;
  readonly dtNs: number;
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
  /** By source. */
  readonly edgesFrom: readonly (readonly Edge[])[];
}

/** A population. */
export interface Node {
  readonly index: number;
  readonly name: string;
  readonly size: number;
  readonly emits: 'spike' | 'signal' | 'none';
  readonly graded: boolean;
  /** Expected spikes of one neuron in a second, 0 where it emits none. */
  readonly rateHz: number;
  /** Expected work for one neuron with its incoming synapses, in ns of one core per second of biological time. */
  readonly cost: number;
}

/** A projection. */
export interface Edge {
  readonly index: number;
  readonly projection: Projection;
  readonly source: number;
  readonly target: number;
  readonly bounds: ProjectionBounds;
  /** Some synapse acts in the step that it is emitted in. */
  readonly zeroDelay: boolean;
}

/** Rough costs on one core of today; only their ratios matter. */
const NS = { neuron: 2, statement: 0.7, poisson: 5, event: 2, signal: 1.5 };

export function networkOf(graph: Graph, dtNs: number, durationNs: number, rateHz = ASSUMED_RATE_HZ): Network {
  const number = new Map(graph.populations.map((population, i) => [population.name, i]));
  const numberOf = (name: string, i: number): number => {
    const found = number.get(name);
    if (found !== undefined) return found;
    throw new GraphError(`projections[${i}]`, `found no population "${name}"`);
  };
  const edges = graph.projections.map((projection, index): Edge => {
    const bounds = boundsOf(graph, projection, dtNs);
    return {
      index,
      projection,
      source: numberOf(projection.source, index),
      target: numberOf(projection.target, index),
      bounds,
      zeroDelay: bounds.expectedSynapses > 0 && bounds.minDelaySteps === 0,
    };
  });
  const edgesInto = graph.populations.map((): Edge[] => []);
  for (const edge of edges) edgesInto[edge.target].push(edge);
  const rates = graph.populations.map((population) => rateOf(graph, population, durationNs, rateHz));
  const nodes = graph.populations.map((population, index): Node => {
    const model = modelOf(population.model, graph);
    const emits = model?.emits ?? 'none';
    return {
      index,
      name: population.name,
      size: population.size,
      emits,
      graded: spikeStimuli(graph, population).some(({ values }) => values !== undefined),
      rateHz: emits === 'spike' ? rates[index] : 0,
      cost: costOf(graph, population, edgesInto[index], rates, 1e9 / dtNs),
    };
  });
  const edgesFrom = nodes.map((): Edge[] => []);
  for (const edge of edges) edgesFrom[edge.source].push(edge);
  return { graph, dtNs, nodes, edges, edgesFrom };
}

function spikeStimuli(graph: Graph, { name }: Population): (Stimulus & { readonly kind: 'spikes' })[] {
  return graph.stimuli.filter(
    (stimulus): stimulus is Stimulus & { readonly kind: 'spikes' } =>
      stimulus.kind === 'spikes' && stimulus.target === name,
  );
}

function rateOf(graph: Graph, population: Population, durationNs: number, assumed: number): number {
  const source = modelOf(population.model, graph)?.source;
  if (source === 'spikes') {
    const events = spikeStimuli(graph, population).reduce((sum, { timesNs }) => sum + timesNs.length, 0);
    return events / Math.max(1, population.size) / (durationNs / 1e9);
  }
  if (source === undefined) return assumed;
  const { rate } = population.params;
  if (typeof rate === 'number') return rate;
  if (!(rate instanceof Float64Array)) return rate === undefined ? 0 : assumed;
  return rate.reduce((sum, r) => sum + r, 0) / Math.max(1, rate.length);
}

function costOf(
  graph: Graph,
  population: Population,
  incoming: readonly Edge[],
  rates: readonly number[],
  stepsPerSecond: number,
): number {
  const statements = (modelOf(population.model, graph)?.update.match(/;/g) ?? []).length;
  const trains = graph.stimuli.filter(
    ({ kind, target }) =>
      target === population.name && (kind === 'poisson' || kind === 'inhomogeneous_poisson'),
  ).length;
  let cost = stepsPerSecond * (NS.neuron + NS.statement * statements + NS.poisson * trains);
  for (const { source, bounds } of incoming) {
    const indegree = bounds.expectedSynapses / Math.max(1, population.size);
    const signal = modelOf(graph.populations[source].model, graph)?.emits === 'signal';
    cost += indegree * (signal ? stepsPerSecond * NS.signal : rates[source] * NS.event);
  }
  return cost;
}
