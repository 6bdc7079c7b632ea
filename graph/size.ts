import { modelOf } from './models/index.js';
import { isPlastic } from './synapses/index.js';
import type { ConvRule, Graph, Population, Projection } from './types.js';

/** Extents of a convolution's output, without the channels. */
export function convOutputShape(rule: ConvRule): readonly number[] {
  return rule.inputShape.map((extent, i) => {
    const [before, after] = rule.padding[i];
    const reach = rule.dilation[i] * (rule.kernelShape[i] - 1) + 1;
    return Math.floor((extent + before + after - reach) / rule.stride[i]) + 1;
  });
}

/** How many synapses a projection makes: exactly where the rule says so, in expectation for `fixed_probability`; for `conv` at most. */
export function expectedSynapses(projection: Projection, sourceSize: number, targetSize: number): number {
  const { rule, source, target, allowAutapses } = projection;
  const pairs = sourceSize * targetSize - (source === target && !allowAutapses ? targetSize : 0);
  switch (rule.kind) {
    case 'all_to_all':
      return pairs;
    case 'one_to_one':
      return source === target && !allowAutapses ? 0 : targetSize;
    case 'fixed_probability':
      return rule.p * pairs;
    case 'fixed_indegree':
      return rule.indegree * targetSize;
    case 'fixed_outdegree':
      return rule.outdegree * sourceSize;
    case 'fixed_total_number':
      return rule.n;
    case 'pairs':
      return rule.targets.length;
    case 'dense':
      return rule.matrix.reduce((count, weight) => count + (weight === 0 ? 0 : 1), 0);
    case 'conv': {
      const positions = convOutputShape(rule).reduce((product, extent) => product * extent, 1);
      const perChannel = rule.kernel.reduce((count, weight) => count + (weight === 0 ? 0 : 1), 0);
      return positions * perChannel;
    }
  }
}

/** A lower estimate of the memory that a synapse takes: a target index, and its weight and delay where they are its own. */
function synapseBytes(projection: Projection): number {
  const { weight, delayNs } = projection;
  if (isPlastic(projection)) return 10;
  const weightBytes = typeof weight === 'number' ? 0 : weight instanceof Float64Array ? 8 : 4;
  return 4 + weightBytes + (typeof delayNs === 'number' ? 0 : 2);
}

/** A lower estimate for a population's own neurons: parameters that vary, state, two input slots a port. */
function neuronBytes(graph: Graph, population: Population): number {
  const model = modelOf(population.model, graph);
  const varied = Object.values(population.params).filter((value) => typeof value !== 'number').length;
  return 8 * (varied + Object.keys(model?.state ?? {}).length + 2 * (model?.ports.length ?? 0)) + 4;
}

export interface PopulationCost {
  readonly population: string;
  readonly neurons: number;
  /** Into this population. */
  readonly synapses: number;
  /** Estimated from below: neurons with their incoming synapses. */
  readonly bytes: number;
}

/** What each population costs with all its incoming synapses, in the graph's order. */
export function populationCosts(graph: Graph): readonly PopulationCost[] {
  const sizes = new Map(graph.populations.map(({ name, size }) => [name, size]));
  return graph.populations.map((population) => {
    let synapses = 0;
    let bytes = neuronBytes(graph, population) * population.size;
    for (const projection of graph.projections) {
      if (projection.target !== population.name) continue;
      const count = expectedSynapses(projection, sizes.get(projection.source) ?? 0, population.size);
      synapses += count;
      bytes += count * synapseBytes(projection);
    }
    return { population: population.name, neurons: population.size, synapses, bytes };
  });
}
