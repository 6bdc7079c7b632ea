import type { Graph, NeuronRange, Projection } from '../../graph/types.js';
import { boundsOf } from './bounds.js';
import { type Ends, endsOf } from './columns.js';
import { forEachConvSynapse } from './explicit-rules.js';

/** A part of a population; parts of one population don't overlap. `owner` is any small number. */
export interface Part extends NeuronRange {
  readonly owner: number;
}

/** Synapses from what one owner has of the source to what another has of the target. */
export interface SynapseBlock {
  readonly from: number;
  readonly to: number;
  /** Exact for explicit rules, `one_to_one` and `all_to_all`; the mean of drawn ones. Above 0. */
  readonly synapses: number;
  /** No synapse of the block has a smaller delay. */
  readonly minDelaySteps: number;
}

/**
 * How a projection's synapses fall between owners. Explicit rules are looked through, so a block without a synapse isn't there; of drawn
 * ones, every block that could have a synapse is.
 */
export function synapseBlocks(
  graph: Graph,
  projection: Projection,
  dtNs: number,
  sourceParts: readonly Part[],
  targetParts: readonly Part[],
): SynapseBlock[] {
  const ends = endsOf(graph, projection);
  const { expectedSynapses, minDelaySteps } = boundsOf(graph, projection, dtNs);
  if (expectedSynapses === 0) return [];
  const count = explicitVisitor(projection, ends);
  if (count === undefined) {
    return evenBlocks(ends, expectedSynapses, minDelaySteps, sourceParts, targetParts);
  }
  const { delayNs } = projection;
  // Element i of the array is the delay of the i-th visited synapse for exactly these two rules.
  const listed =
    delayNs instanceof Float64Array &&
    (projection.rule.kind === 'pairs' || projection.rule.kind === 'one_to_one')
      ? delayNs
      : undefined;
  const sourceOwner = ownersOf(ends.source.size, sourceParts);
  const targetOwner = ownersOf(ends.target.size, targetParts);
  const owners = Math.max(0, ...sourceParts.map((p) => p.owner), ...targetParts.map((p) => p.owner)) + 1;
  const counts = new Float64Array(owners * owners);
  const delays = new Float64Array(owners * owners).fill(Number.POSITIVE_INFINITY);
  count((source, target, element) => {
    const from = sourceOwner[source];
    const to = targetOwner[target];
    if (from < 0 || to < 0) return;
    const place = from * owners + to;
    counts[place]++;
    const steps = listed === undefined ? minDelaySteps : listed[element] / dtNs;
    if (steps < delays[place]) delays[place] = steps;
  });
  const blocks: SynapseBlock[] = [];
  counts.forEach((synapses, place) => {
    if (synapses === 0) return;
    const from = Math.floor(place / owners);
    blocks.push({ from, to: place % owners, synapses, minDelaySteps: delays[place] });
  });
  return blocks;
}

type Visit = (source: number, target: number, element: number) => void;

/** Goes through all synapses of a rule that states them; undefined for rules where every pair has the same chance. */
function explicitVisitor({ rule }: Projection, ends: Ends): ((visit: Visit) => void) | undefined {
  const { source, target, skipSelf } = ends;
  const whole = { begin: 0, end: target.size };
  switch (rule.kind) {
    case 'one_to_one':
      return (visit) => {
        for (let i = 0; i < target.size; i++) visit(i, i, i);
      };
    case 'pairs':
      return (visit) => {
        for (let i = 0; i < rule.targets.length; i++) visit(rule.sources[i], rule.targets[i], i);
      };
    case 'dense':
      return (visit) => {
        for (let t = 0, place = 0; t < target.size; t++) {
          for (let s = 0; s < source.size; s++, place++) {
            if (rule.matrix[place] !== 0 && !(skipSelf && s === t)) visit(s, t, place);
          }
        }
      };
    case 'conv':
      return (visit) => forEachConvSynapse(rule, whole, skipSelf, visit);
    default:
      return undefined;
  }
}

function ownersOf(size: number, parts: readonly Part[]): Int32Array {
  const owners = new Int32Array(size).fill(-1);
  for (const { begin, end, owner } of parts) owners.fill(owner, begin, end);
  return owners;
}

/** Every pair of neurons has the same expected number of synapses. */
function evenBlocks(
  { source, target, skipSelf, sourceChoices }: Ends,
  expectedSynapses: number,
  minDelaySteps: number,
  sourceParts: readonly Part[],
  targetParts: readonly Part[],
): SynapseBlock[] {
  if (source.size === 0 || target.size === 0 || sourceChoices === 0) return [];
  const each = expectedSynapses / (target.size * sourceChoices);
  return sourceParts.flatMap((from) =>
    targetParts.flatMap((to) => {
      const both = Math.max(0, Math.min(from.end, to.end) - Math.max(from.begin, to.begin));
      const chances = (from.end - from.begin) * (to.end - to.begin) - (skipSelf ? both : 0);
      if (chances === 0) return [];
      return [{ from: from.owner, to: to.owner, synapses: each * chances, minDelaySteps }];
    }),
  );
}
