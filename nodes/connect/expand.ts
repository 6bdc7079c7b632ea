import { GraphError } from '../../graph/errors.js';
import type { ConvRule, Distribution, Graph, NeuronRange, Projection, Value } from '../../graph/types.js';
import { quantileOf, Stream, uniform32 } from '../random/index.js';
import { boundsOf } from './bounds.js';
import { ColumnBuilder, type SynapseColumns } from './columns.js';
import { convSynapses } from './conv.js';
import { randomRule } from './rules.js';
import { TargetWords } from './draws.js';

/** What an expansion needs to know: the same for every owner. */
export interface ExpandContext {
  readonly graph: Graph;
  /** Place among the graph's projections. */
  readonly projection: number;
  readonly seed: number;
  readonly dtNs: number;
}

/** A projection with its ends' sizes, and where explicit weights are. */
export interface Ends {
  readonly projection: Projection;
  readonly number: number;
  readonly sources: number;
  readonly targets: number;
  /** Source and target are one population and a neuron may not connect to itself. */
  readonly excludeSelf: boolean;
  readonly seed: number;
}

/**
 * All synapses of a projection that end in `range` (neurons of the target population). The union over any split of the targets is the
 * same set of synapses with the same weights and delays.
 *
 * Values given one by one are in the order of the rule: `one_to_one` by neuron, `all_to_all` row-major targets × sources, `pairs` by pair.
 * Drawn values belong to (target, k), the target's k-th synapse of this projection.
 * @throws GraphError when a target gets more synapses than the bound that exact sums rest on.
 */
export function expandProjection(context: ExpandContext, range: NeuronRange): SynapseColumns {
  const ends = endsOf(context);
  const { rule, weight } = ends.projection;
  const columns = new ColumnBuilder(expectedIn(context, ends, range), needsIndex(ends.projection));
  let own: number[] | undefined;
  if (rule.kind === 'dense') own = dense(ends, range, rule.matrix, columns);
  else if (rule.kind === 'conv') own = conv(rule, range, columns);
  else explicit(ends, range, columns);
  const { sources, targets, indices } = columns.take();
  const ranks = usesDraws(ends.projection) ? ranksOf(targets, range) : undefined;
  checkIndegree(context, targets, range);
  return {
    sources,
    targets,
    weights: own === undefined ? weights(context, ends, targets, indices, ranks) : scaled(own, weight as number),
    delaySteps: delays(context, ends, targets, indices, ranks),
  };
}

export function endsOf({ graph, projection: number, seed }: ExpandContext): Ends {
  const projection = graph.projections[number];
  const size = (name: string): number => graph.populations.find((population) => population.name === name)?.size ?? 0;
  return {
    projection,
    number,
    sources: size(projection.source),
    targets: size(projection.target),
    excludeSelf: projection.source === projection.target && !projection.allowAutapses,
    seed,
  };
}

function expectedIn({ graph, projection, dtNs }: ExpandContext, ends: Ends, range: NeuronRange): number {
  const share = (range.end - range.begin) / Math.max(1, ends.targets);
  return boundsOf(graph, graph.projections[projection], dtNs).expected * share * 1.02;
}

function needsIndex({ weight, delayNs }: Projection): boolean {
  return weight instanceof Float64Array || delayNs instanceof Float64Array;
}

function usesDraws({ weight, delayNs }: Projection): boolean {
  return isDistribution(weight) || isDistribution(delayNs);
}

function isDistribution(value: Value): value is Distribution {
  return typeof value !== 'number' && !(value instanceof Float64Array);
}

function explicit(ends: Ends, range: NeuronRange, columns: ColumnBuilder): void {
  const { rule } = ends.projection;
  if (rule.kind === 'all_to_all') {
    for (let t = range.begin; t < range.end; t++) {
      for (let s = 0; s < ends.sources; s++) {
        if (!(ends.excludeSelf && s === t)) columns.add(s, t, t * ends.sources + s);
      }
    }
  } else if (rule.kind === 'one_to_one') {
    for (let t = range.begin; t < range.end; t++) if (!ends.excludeSelf) columns.add(t, t, t);
  } else if (rule.kind === 'pairs') {
    for (let i = 0; i < rule.targets.length; i++) {
      const t = rule.targets[i];
      if (t >= range.begin && t < range.end) columns.add(rule.sources[i], t, i);
    }
  } else {
    randomRule(ends, range, columns);
  }
}

function dense(ends: Ends, range: NeuronRange, matrix: Float64Array, columns: ColumnBuilder): number[] {
  const weights: number[] = [];
  for (let t = range.begin; t < range.end; t++) {
    for (let s = 0; s < ends.sources; s++) {
      const weight = matrix[t * ends.sources + s];
      if (weight === 0) continue;
      columns.add(s, t, t * ends.sources + s);
      weights.push(weight);
    }
  }
  return weights;
}

function conv(rule: ConvRule, range: NeuronRange, columns: ColumnBuilder): number[] {
  const weights: number[] = [];
  convSynapses(rule, range, (source, target, weight) => {
    columns.add(source, target, 0);
    weights.push(weight);
  });
  return weights;
}

function scaled(weights: readonly number[], factor: number): Float64Array {
  return Float64Array.from(weights, (weight) => weight * factor);
}

/** k for each target's k-th synapse here; all of a target's synapses are here. */
function ranksOf(targets: Uint32Array, range: NeuronRange): Uint32Array {
  const next = new Uint32Array(range.end - range.begin);
  return targets.map((target) => next[target - range.begin]++);
}

function weights(
  context: ExpandContext,
  { projection, number }: Ends,
  targets: Uint32Array,
  indices: Float64Array | undefined,
  ranks: Uint32Array | undefined,
): number | Float64Array {
  const { weight } = projection;
  if (typeof weight === 'number') return weight;
  if (weight instanceof Float64Array) return Float64Array.from(indices as Float64Array, (i) => weight[i]);
  const words = new TargetWords(context.seed, Stream.Weights, number);
  const drawn = new Float64Array(targets.length);
  for (let i = 0; i < targets.length; i++) {
    const u = uniform32(words.word(targets[i], (ranks as Uint32Array)[i]));
    drawn[i] = Math.fround(quantileOf(weight, u));
  }
  return drawn;
}

function delays(
  context: ExpandContext,
  { projection, number }: Ends,
  targets: Uint32Array,
  indices: Float64Array | undefined,
  ranks: Uint32Array | undefined,
): number | Uint32Array {
  const { delayNs } = projection;
  const { dtNs } = context;
  if (typeof delayNs === 'number') return delayNs / dtNs;
  if (delayNs instanceof Float64Array) return Uint32Array.from(indices as Float64Array, (i) => delayNs[i] / dtNs);
  const words = new TargetWords(context.seed, Stream.Delays, number);
  const drawn = new Uint32Array(targets.length);
  for (let i = 0; i < targets.length; i++) {
    drawn[i] = delayStepsAt(delayNs, uniform32(words.word(targets[i], (ranks as Uint32Array)[i])), dtNs);
  }
  return drawn;
}

/** A drawn delay is rounded to dt, and is dt at least. */
export function delayStepsAt(delayNs: Distribution, u: number, dtNs: number): number {
  return Math.max(1, Math.round(quantileOf(delayNs, u) / dtNs));
}

function checkIndegree(context: ExpandContext, targets: Uint32Array, range: NeuronRange): void {
  const projection = context.graph.projections[context.projection];
  const { maxIndegree } = boundsOf(context.graph, projection, context.dtNs);
  const indegree = new Uint32Array(range.end - range.begin);
  for (let i = 0; i < targets.length; i++) {
    if (++indegree[targets[i] - range.begin] <= maxIndegree) continue;
    throw new GraphError(
      `projections.${projection.name}`,
      `neuron ${targets[i]} of ${projection.target} gets more than ${maxIndegree} synapses, the bound that exact sums rest on; use another seed`,
    );
  }
}
