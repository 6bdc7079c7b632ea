import { GraphError } from '../../graph/errors.js';
import type { NeuronRange, Projection } from '../../graph/types.js';
import { boundsOf } from './bounds.js';
import { type Ends, type ExpandInput, endsOf, placeOf, type Rows, type SynapseColumns } from './columns.js';
import { allToAll, conv, dense, oneToOne, pairs } from './explicit-rules.js';
import { fixedIndegree, fixedOutdegree, fixedProbability, fixedTotalNumber } from './random-rules.js';
import { delaysOf, weightsOf } from './values.js';

/**
 * The synapses of one projection that end in `range` of its target population. Who asks for which range makes no difference: the
 * parts of any division of the targets are exactly the parts of the whole. Time and memory are linear in the synapses of the range (plus,
 * for `fixed_outdegree`, the sources times the tree's depth).
 *
 * Rules, autapses and multapses are NEST's ("Connectivity concepts" in its documentation). A target's k-th synapse is: `one_to_one`
 * the only one; `all_to_all`, `dense` by ascending source; `pairs` as listed; `conv` in the kernel's order; `fixed_indegree`,
 * `fixed_probability`, `fixed_total_number` as drawn; `fixed_outdegree` by ascending source, then as drawn. Drawn weights and
 * delays depend on (seed, projection, target, k) only.
 * @throws GraphError where a rule can't be kept or a drawn indegree is above the bound that sums rely on
 */
export function expandProjection(input: ExpandInput, range: NeuronRange): SynapseColumns {
  const { graph, dtNs } = input;
  const projection = graph.projections[input.projection];
  const ends = endsOf(graph, projection);
  const bounds = boundsOf(graph, projection, dtNs);
  const rows = rowsOf(input, projection, ends, range);
  checkIndegrees(input, rows, bounds.maxIndegree);
  return {
    sources: rows.sources,
    targets: targetsOf(rows),
    weights: weightsOf(input, projection, ends, rows),
    delaySteps: delaysOf(input, projection, ends, rows, bounds.maxDelaySteps),
  };
}

function rowsOf(input: ExpandInput, projection: Projection, ends: Ends, range: NeuronRange): Rows {
  const { rule, weight } = projection;
  switch (rule.kind) {
    case 'one_to_one':
      return oneToOne(ends, range);
    case 'all_to_all':
      return allToAll(ends, range);
    case 'fixed_indegree':
      return fixedIndegree(input, projection, ends, range, rule.indegree);
    case 'fixed_probability':
      return fixedProbability(input, projection, ends, range, rule.p);
    case 'fixed_total_number':
      return fixedTotalNumber(input, projection, ends, range, rule.n);
    case 'fixed_outdegree':
      return fixedOutdegree(input, projection, ends, range, rule.outdegree);
    case 'pairs':
      return pairs(range, rule.sources, rule.targets);
    case 'dense':
      return dense(ends, range, rule.matrix, factorOf(input, projection, weight));
    case 'conv':
      return conv(ends, range, rule, factorOf(input, projection, weight));
  }
}

function factorOf({ graph }: ExpandInput, projection: Projection, weight: Projection['weight']): number {
  if (typeof weight === 'number') return weight;
  throw new GraphError(
    `${placeOf(graph, projection)}.weight`,
    `found ${weight instanceof Float64Array ? 'a list' : 'a distribution'}, expected a number: ${projection.rule.kind} has its own weights`,
  );
}

function targetsOf({ begin, rowStart, sources }: Rows): Uint32Array {
  const targets = new Uint32Array(sources.length);
  for (let j = 0; j + 1 < rowStart.length; j++) targets.fill(begin + j, rowStart[j], rowStart[j + 1]);
  return targets;
}

function checkIndegrees(input: ExpandInput, { begin, rowStart }: Rows, most: number): void {
  const counts = new Uint32Array(rowStart.length - 1).map((_, j) => rowStart[j + 1] - rowStart[j]);
  checkIndegreeCounts(input, begin, counts, most);
}

/** @throws GraphError naming the first target, from `begin` on, that got more than the bound that exact sums rely on */
export function checkIndegreeCounts(
  input: ExpandInput,
  begin: number,
  counts: Uint32Array,
  most: number,
): void {
  const j = counts.findIndex((indegree) => indegree > most);
  if (j < 0) return;
  const projection = input.graph.projections[input.projection];
  throw new GraphError(
    placeOf(input.graph, projection),
    `${projection.name}: neuron ${begin + j} of ${projection.target} drew ${counts[j]} synapses with seed ${input.seed}, expected at most ${most} (more has probability 1e-27); choose another seed`,
  );
}
