import { normalQuantile } from '../../graph/math.js';
import { exp } from '../../graph/math.js';
import type { ConvRule, Distribution, Graph, Projection, Value } from '../../graph/types.js';
import { delayStepsAt } from './expand.js';

/** What is known of a projection from the graph alone, before anything is drawn. */
export interface ProjectionBounds {
  /** Expected number of synapses; exact for rules that draw no counts. */
  readonly expected: number;
  /** No target gets more synapses (where counts are drawn: with probability 1 − 1e-27; checked when they are). */
  readonly maxIndegree: number;
  readonly maxAbsWeight: number;
  /** Bound of Σ |weight| over the synapses of one target. */
  readonly maxWeightSum: number;
  readonly minDelaySteps: number;
  readonly maxDelaySteps: number;
}

const known = new WeakMap<Projection, ProjectionBounds>();
const knownFor = new WeakMap<Projection, number>();

export function boundsOf(graph: Graph, projection: Projection, dtNs: number): ProjectionBounds {
  const cached = known.get(projection);
  if (cached !== undefined && knownFor.get(projection) === dtNs) return cached;
  const bounds = computeBounds(graph, projection, dtNs);
  known.set(projection, bounds);
  knownFor.set(projection, dtNs);
  return bounds;
}

function computeBounds(graph: Graph, projection: Projection, dtNs: number): ProjectionBounds {
  const size = (name: string): number => graph.populations.find((population) => population.name === name)?.size ?? 0;
  const degrees = degreesOf(projection, size(projection.source), size(projection.target));
  const maxAbsWeight = largestWeight(projection);
  const explicit = explicitWeightSum(projection, size(projection.source), size(projection.target));
  const [minDelaySteps, maxDelaySteps] = delayRange(projection.delayNs, dtNs);
  return {
    ...degrees,
    maxAbsWeight,
    maxWeightSum: explicit ?? degrees.maxIndegree * maxAbsWeight,
    minDelaySteps,
    maxDelaySteps,
  };
}

interface Degrees {
  readonly expected: number;
  readonly maxIndegree: number;
}

function degreesOf(projection: Projection, sources: number, targets: number): Degrees {
  const { rule, allowMultapses } = projection;
  const self = projection.source === projection.target && !projection.allowAutapses ? 1 : 0;
  switch (rule.kind) {
    case 'all_to_all':
      return { expected: targets * (sources - self), maxIndegree: sources };
    case 'one_to_one':
      return { expected: self === 1 ? 0 : targets, maxIndegree: 1 };
    case 'fixed_probability':
      return {
        expected: targets * (sources - self) * rule.p,
        maxIndegree: Math.min(sources, countBound(sources * rule.p)),
      };
    case 'fixed_indegree':
      return { expected: targets * rule.indegree, maxIndegree: rule.indegree };
    case 'fixed_outdegree': {
      const expected = sources * rule.outdegree;
      const drawn = countBound(expected / Math.max(1, targets - self));
      return { expected, maxIndegree: allowMultapses ? drawn : Math.min(sources, drawn) };
    }
    case 'fixed_total_number':
      return { expected: rule.n, maxIndegree: Math.min(rule.n, countBound(rule.n / targets)) };
    case 'pairs':
      return { expected: rule.targets.length, maxIndegree: mostOf(rule.targets, targets) };
    case 'dense':
      return { expected: rule.matrix.reduce((n, w) => n + (w === 0 ? 0 : 1), 0), maxIndegree: sources };
    case 'conv':
      return convDegrees(rule, targets);
  }
}

/**
 * A binomial count of this mean exceeds it with probability below e^-64 (Bernstein's inequality), which leaves 1e-18 for ten
 * thousand million targets.
 */
function countBound(mean: number): number {
  const L = 64;
  return Math.ceil(mean + L / 3 + Math.sqrt((L * L) / 9 + 2 * mean * L));
}

function mostOf(targets: Uint32Array, size: number): number {
  const counts = new Uint32Array(size);
  let most = 0;
  for (const target of targets) most = Math.max(most, ++counts[target]);
  return most;
}

function convDegrees(rule: ConvRule, targets: number): Degrees {
  const perTarget = (rule.inChannels / rule.groups) * rule.kernelShape.reduce((a, b) => a * b, 1);
  return { expected: targets * perTarget, maxIndegree: perTarget };
}

/** The smallest and largest u that a drawn synapse value can come from. */
const EDGE = 2 ** -33;

function largestWeight({ rule, weight }: Projection): number {
  const factor = largestOf(weight);
  if (rule.kind === 'dense') return factor * largestOf(rule.matrix);
  return rule.kind === 'conv' ? factor * largestOf(rule.kernel) : factor;
}

function largestOf(value: Value): number {
  if (typeof value === 'number') return Math.abs(value);
  if (value instanceof Float64Array) return value.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const [low, high] = drawnRange(value);
  // A drawn weight is rounded to float32, which may move it by half a unit in the last of 24 places.
  return Math.max(Math.abs(low), Math.abs(high)) * (1 + 2 ** -24);
}

function drawnRange(distribution: Distribution): [number, number] {
  if (distribution.kind === 'uniform') return [distribution.low, distribution.high];
  const z = normalQuantile(1 - EDGE);
  const raw: [number, number] =
    distribution.kind === 'normal'
      ? [distribution.mean - distribution.std * z, distribution.mean + distribution.std * z]
      : [exp(distribution.mu - distribution.sigma * z), exp(distribution.mu + distribution.sigma * z)];
  const clip = (x: number): number =>
    Math.min(Math.max(x, distribution.min ?? Number.NEGATIVE_INFINITY), distribution.max ?? Number.POSITIVE_INFINITY);
  return [clip(raw[0]), clip(raw[1])];
}

/** Where weights are explicit, the exact sum of the target that gets most; undefined elsewhere. */
function explicitWeightSum(projection: Projection, sources: number, targets: number): number | undefined {
  const { rule, weight } = projection;
  if (rule.kind === 'conv') return largestOf(weight) * largestChannelSum(rule);
  const sums = new Float64Array(targets);
  if (rule.kind === 'dense') {
    for (let i = 0; i < rule.matrix.length; i++) sums[Math.floor(i / sources)] += Math.abs(rule.matrix[i]);
    return largestOf(weight) * largestOf(sums);
  }
  if (!(weight instanceof Float64Array)) return undefined;
  for (let i = 0; i < weight.length; i++) {
    const target = rule.kind === 'pairs' ? rule.targets[i] : rule.kind === 'one_to_one' ? i : Math.floor(i / sources);
    sums[target] += Math.abs(weight[i]);
  }
  return largestOf(sums);
}

function largestChannelSum(rule: ConvRule): number {
  const perChannel = rule.kernel.length / rule.outChannels;
  const sums = new Float64Array(rule.outChannels);
  for (let i = 0; i < rule.kernel.length; i++) sums[Math.floor(i / perChannel)] += Math.abs(rule.kernel[i]);
  return largestOf(sums);
}

function delayRange(delayNs: Value, dtNs: number): [number, number] {
  if (typeof delayNs === 'number') return [delayNs / dtNs, delayNs / dtNs];
  if (delayNs instanceof Float64Array) {
    let least = Number.POSITIVE_INFINITY;
    let most = 0;
    for (const delay of delayNs) {
      least = Math.min(least, delay);
      most = Math.max(most, delay);
    }
    return delayNs.length === 0 ? [1, 1] : [least / dtNs, most / dtNs];
  }
  return [delayStepsAt(delayNs, EDGE, dtNs), delayStepsAt(delayNs, 1 - EDGE, dtNs)];
}
