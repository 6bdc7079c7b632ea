import type { ConvRule, Distribution, Graph, Projection } from '../../graph/types.js';
import { LARGEST_UNIFORM_32, SMALLEST_UNIFORM_32 } from '../random/index.js';
import { type Ends, endsOf } from './columns.js';
import { spaceOf } from './explicit-rules.js';
import { delayAt, weightAt } from './values.js';

/** What can be said of a projection's synapses from the graph alone, the same on every worker. */
export interface ProjectionBounds {
  /** Exact where the rule fixes it, the mean where it is drawn. */
  readonly expectedSynapses: number;
  /** Most synapses that one target can have, multapses counted. Where drawn: exceeded with probability 1e-27 a target, and checked. */
  readonly maxIndegree: number;
  readonly maxAbsWeight: number;
  /** Bounds the sum of |weight| × multiplicity over the synapses of one target. */
  readonly maxWeightSum: number;
  /** Smallest and largest delay that a synapse can have; both 0 where there is none. */
  readonly minDelaySteps: number;
  readonly maxDelaySteps: number;
}

/** e^-64 is below 1e-27: 1e-18 remains when a thousand million targets draw. */
const LOG_TAIL = 64;

interface Known {
  readonly dtNs: number;
  readonly sourceSize: number;
  readonly targetSize: number;
  readonly bounds: ProjectionBounds;
}

const known = new WeakMap<Projection, Known>();

/** Computed once for a projection: explicit rules are read through. */
export function boundsOf(graph: Graph, projection: Projection, dtNs: number): ProjectionBounds {
  const ends = endsOf(graph, projection);
  const sourceSize = ends.source.size;
  const targetSize = ends.target.size;
  const had = known.get(projection);
  if (had?.dtNs === dtNs && had.sourceSize === sourceSize && had.targetSize === targetSize) return had.bounds;
  const bounds = computeBounds(projection, ends, dtNs);
  known.set(projection, { dtNs, sourceSize, targetSize, bounds });
  return bounds;
}

function computeBounds(projection: Projection, ends: Ends, dtNs: number): ProjectionBounds {
  const degrees = degreesOf(projection, ends);
  const [minDelaySteps, maxDelaySteps] = delayRange(projection, dtNs);
  return { ...degrees, ...weightBounds(projection, ends, degrees.maxIndegree), minDelaySteps, maxDelaySteps };
}

interface Degrees {
  readonly expectedSynapses: number;
  readonly maxIndegree: number;
}

function degreesOf({ rule, allowMultapses }: Projection, ends: Ends): Degrees {
  const { source, target, sourceChoices, targetChoices, skipSelf } = ends;
  switch (rule.kind) {
    case 'one_to_one':
      return { expectedSynapses: skipSelf ? 0 : target.size, maxIndegree: skipSelf ? 0 : 1 };
    case 'all_to_all':
      return { expectedSynapses: target.size * sourceChoices, maxIndegree: sourceChoices };
    case 'fixed_indegree':
      return { expectedSynapses: target.size * rule.indegree, maxIndegree: rule.indegree };
    case 'fixed_probability':
      return {
        expectedSynapses: target.size * sourceChoices * rule.p,
        maxIndegree: binomialBound(sourceChoices, rule.p),
      };
    case 'fixed_total_number': {
      // Without multapses the hypergeometric indegree has lighter tails than the binomial (Hoeffding 1963).
      const most = binomialBound(rule.n, 1 / Math.max(1, target.size));
      return { expectedSynapses: rule.n, maxIndegree: allowMultapses ? most : Math.min(most, sourceChoices) };
    }
    case 'fixed_outdegree': {
      const expectedSynapses = source.size * rule.outdegree;
      const chance = 1 / Math.max(1, targetChoices);
      if (allowMultapses) return { expectedSynapses, maxIndegree: binomialBound(expectedSynapses, chance) };
      const most = binomialBound(sourceChoices, Math.min(1, rule.outdegree * chance));
      return { expectedSynapses, maxIndegree: most };
    }
    case 'pairs':
      return { expectedSynapses: rule.targets.length, maxIndegree: mostOf(rule.targets, target.size) };
    case 'dense':
      return denseDegrees(rule.matrix, ends);
    case 'conv':
      return convDegrees(rule);
  }
}

/**
 * A number that a binomial(n, p) exceeds with probability at most e^-64, by Bernstein's inequality: P(X − np ≥ t) ≤
 * exp(−t² / (2 (np(1 − p) + t / 3))).
 */
export function binomialBound(n: number, p: number): number {
  const third = LOG_TAIL / 3;
  const excess = third + Math.sqrt(third * third + 2 * LOG_TAIL * n * p * (1 - p));
  return Math.min(n, Math.ceil(n * p + excess));
}

function mostOf(targets: Uint32Array, size: number): number {
  const counts = new Uint32Array(size);
  let most = 0;
  for (const target of targets) most = Math.max(most, ++counts[target]);
  return most;
}

function denseDegrees(matrix: Float64Array, { source, target, skipSelf }: Ends): Degrees {
  let all = 0;
  let most = 0;
  for (let t = 0; t < target.size; t++) {
    let count = 0;
    for (let s = 0; s < source.size; s++) {
      if (matrix[t * source.size + s] !== 0 && !(skipSelf && s === t)) count++;
    }
    all += count;
    most = Math.max(most, count);
  }
  return { expectedSynapses: all, maxIndegree: most };
}

function convDegrees(rule: ConvRule): Degrees {
  const { kernel, input, output, stride, before, dilation } = spaceOf(rule);
  // How many places of the output see this place of the kernel inside the input, in each dimension.
  const seen = [0, 1].map((d) =>
    Array.from({ length: kernel[d] }, (_, k) => {
      let count = 0;
      for (let o = 0; o < output[d]; o++) {
        const at = o * stride[d] - before[d] + k * dilation[d];
        if (at >= 0 && at < input[d]) count++;
      }
      return count;
    }),
  );
  const perOut = rule.kernel.length / rule.outChannels;
  const plane = kernel[0] * kernel[1];
  let all = 0;
  let most = 0;
  for (let out = 0; out < rule.outChannels; out++) {
    let taps = 0;
    for (let i = 0; i < perOut; i++) {
      if (rule.kernel[out * perOut + i] === 0) continue;
      taps++;
      const place = i % plane;
      all += seen[0][Math.floor(place / kernel[1])] * seen[1][place % kernel[1]];
    }
    most = Math.max(most, taps);
  }
  return { expectedSynapses: all, maxIndegree: most };
}

interface WeightBounds {
  readonly maxAbsWeight: number;
  readonly maxWeightSum: number;
}

function weightBounds(projection: Projection, ends: Ends, maxIndegree: number): WeightBounds {
  const { rule, weight } = projection;
  if (rule.kind === 'dense') {
    return scaled(rowSums(rule.matrix, ends.source.size), weight);
  }
  if (rule.kind === 'conv') {
    return scaled(rowSums(rule.kernel, rule.kernel.length / rule.outChannels), weight);
  }
  if (weight instanceof Float64Array) return listedWeights(projection, ends, weight, maxIndegree);
  const maxAbsWeight = typeof weight === 'number' ? Math.abs(weight) : largestDrawn(weight);
  return { maxAbsWeight, maxWeightSum: maxIndegree === 0 ? 0 : maxAbsWeight * maxIndegree };
}

function largestDrawn(weight: Distribution): number {
  return Math.max(
    Math.abs(weightAt(weight, SMALLEST_UNIFORM_32)),
    Math.abs(weightAt(weight, LARGEST_UNIFORM_32)),
  );
}

function scaled({ maxAbsWeight, maxWeightSum }: WeightBounds, factor: Projection['weight']): WeightBounds {
  const size = typeof factor === 'number' ? Math.abs(factor) : Number.NaN;
  return { maxAbsWeight: maxAbsWeight * size, maxWeightSum: maxWeightSum * size };
}

/** Largest |element|, and largest sum of |elements| over rows of this length. */
function rowSums(values: Float64Array, length: number): WeightBounds {
  let maxAbsWeight = 0;
  let maxWeightSum = 0;
  for (let from = 0; from < values.length; from += length) {
    let sum = 0;
    for (let i = from; i < from + length; i++) {
      const size = Math.abs(values[i]);
      sum += size;
      if (size > maxAbsWeight) maxAbsWeight = size;
    }
    if (sum > maxWeightSum) maxWeightSum = sum;
  }
  return { maxAbsWeight, maxWeightSum };
}

function listedWeights(
  { rule }: Projection,
  ends: Ends,
  weights: Float64Array,
  maxIndegree: number,
): WeightBounds {
  if (rule.kind === 'pairs') {
    const sums = new Float64Array(ends.target.size);
    for (let i = 0; i < weights.length; i++) sums[rule.targets[i]] += Math.abs(weights[i]);
    return {
      maxAbsWeight: rowSums(weights, 1).maxAbsWeight,
      maxWeightSum: rowSums(sums, 1).maxAbsWeight,
    };
  }
  const rows = ends.target.size;
  const length = weights.length / rows;
  if (Number.isInteger(length) && length > 0) return rowSums(weights, length);
  const { maxAbsWeight } = rowSums(weights, 1);
  return { maxAbsWeight, maxWeightSum: maxAbsWeight * maxIndegree };
}

function delayRange({ delayNs }: Projection, dtNs: number): [number, number] {
  if (typeof delayNs === 'number') return [delayNs / dtNs, delayNs / dtNs];
  if (delayNs instanceof Float64Array) {
    if (delayNs.length === 0) return [0, 0];
    let least = Number.POSITIVE_INFINITY;
    let most = 0;
    for (const ns of delayNs) {
      if (ns < least) least = ns;
      if (ns > most) most = ns;
    }
    return [least / dtNs, most / dtNs];
  }
  return [delayAt(delayNs, dtNs, SMALLEST_UNIFORM_32), delayAt(delayNs, dtNs, LARGEST_UNIFORM_32)];
}
