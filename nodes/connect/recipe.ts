import type { Distribution, NeuronRange } from '../../graph/types.js';
import { LARGEST_UNIFORM_32, SMALLEST_UNIFORM_32, uniform32 } from '../random/index.js';
import { boundsOf } from './bounds.js';
import { type ExpandInput, endsOf } from './columns.js';
import { checkIndegreeCounts } from './expand.js';
import { totalNumberIndegrees } from './random-rules.js';
import { delayAt, weightAt } from './values.js';

/**
 * What a builder needs to draw a projection's synapses into a range itself, straight into place: the same synapses as `expandProjection`, for
 * rules whose targets draw their sources with replacement.
 */
export interface DrawRecipe {
  readonly range: NeuronRange;
  /** Synapses of each target of the range; a number where all have as many. */
  readonly indegrees: number | Uint32Array;
  readonly synapses: number;
  readonly sourceChoices: number;
  readonly skipSelf: boolean;
  readonly weight: number | Extract<Distribution, { kind: 'normal' | 'uniform' }>;
  readonly delay: number | DelayTable;
}

/** A drawn delay as a table over words: `first` steps plus the number of thresholds at or below the word, ascending. */
export interface DelayTable {
  readonly first: number;
  readonly thresholds: Uint32Array;
}

/** The recipe, or undefined where the projection has to be expanded. */
export function recipeOf(input: ExpandInput, range: NeuronRange): DrawRecipe | undefined {
  const projection = input.graph.projections[input.projection];
  const { rule, weight, delayNs, allowMultapses } = projection;
  if (rule.kind !== 'fixed_indegree' && rule.kind !== 'fixed_total_number') return undefined;
  if (!allowMultapses || weight instanceof Float64Array || delayNs instanceof Float64Array) return undefined;
  if (typeof weight !== 'number' && weight.kind === 'lognormal') return undefined;
  const ends = endsOf(input.graph, projection);
  if (ends.sourceChoices === 0) return undefined;
  const size = range.end - range.begin;
  const indegrees =
    rule.kind === 'fixed_indegree'
      ? rule.indegree
      : totalNumberIndegrees(input, projection, ends, range, rule.n);
  if (typeof indegrees !== 'number') {
    checkIndegreeCounts(
      input,
      range.begin,
      indegrees,
      boundsOf(input.graph, projection, input.dtNs).maxIndegree,
    );
  }
  return {
    range,
    indegrees,
    synapses: typeof indegrees === 'number' ? indegrees * size : indegrees.reduce((sum, n) => sum + n, 0),
    sourceChoices: ends.sourceChoices,
    skipSelf: ends.skipSelf,
    weight,
    delay: typeof delayNs === 'number' ? delayNs / input.dtNs : delayTable(delayNs, input.dtNs),
  };
}

/** A delay never falls when its word rises, so each step's first word is found by halving. */
export function delayTable(distribution: Distribution, dtNs: number): DelayTable {
  const stepsAt = (word: number): number => delayAt(distribution, dtNs, uniform32(word));
  const first = delayAt(distribution, dtNs, SMALLEST_UNIFORM_32);
  const last = delayAt(distribution, dtNs, LARGEST_UNIFORM_32);
  const thresholds = new Uint32Array(last - first);
  for (let i = 0; i < thresholds.length; i++) {
    let low = 0;
    let high = 2 ** 32 - 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (stepsAt(middle) > first + i) high = middle;
      else low = middle + 1;
    }
    thresholds[i] = low;
  }
  return { first, thresholds };
}

/** Smallest and largest weight that a recipe can draw. */
export function weightRange(weight: DrawRecipe['weight']): readonly [number, number] {
  if (typeof weight === 'number') return [weight, weight];
  const ends = [weightAt(weight, SMALLEST_UNIFORM_32), weightAt(weight, LARGEST_UNIFORM_32)];
  return [Math.min(...ends), Math.max(...ends)];
}
