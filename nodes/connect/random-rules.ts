import { GraphError } from '../../graph/errors.js';
import type { NeuronRange, Projection } from '../../graph/types.js';
import { binomial, Stream, UniformSequence } from '../random/index.js';
import { Chooser } from './choose.js';
import { type Ends, type ExpandInput, placeOf, type Rows, startsOf, Uint32List } from './columns.js';
import { type SplitRule, splitOver } from './tree.js';

/** Synapses of a source in a leaf of the tree over targets: fewer cost more splits, more are drawn in vain at a range's ends. */
const LEAF_SYNAPSES = 16;

/** Every target has the same number of synapses. */
export function fixedIndegree(
  input: ExpandInput,
  projection: Projection,
  ends: Ends,
  range: NeuronRange,
  indegree: number,
): Rows {
  return drawSources(
    input,
    projection,
    ends,
    range,
    new Uint32Array(range.end - range.begin).fill(indegree),
    !projection.allowMultapses,
  );
}

/** A target's number of synapses is binomial, and its sources are distinct: the same as a coin for each pair, in fewer draws. */
export function fixedProbability(
  input: ExpandInput,
  projection: Projection,
  ends: Ends,
  range: NeuronRange,
  p: number,
): Rows {
  const uniforms = new UniformSequence(input.seed, Stream.Indegree);
  const indegrees = new Uint32Array(range.end - range.begin);
  for (let j = 0; j < indegrees.length; j++) {
    indegrees[j] = binomial(ends.sourceChoices, p, uniforms.begin(range.begin + j, input.projection, 0));
  }
  return drawSources(input, projection, ends, range, indegrees, true);
}

/** The total is split over the tree of targets down to single ones. */
export function fixedTotalNumber(
  input: ExpandInput,
  projection: Projection,
  ends: Ends,
  range: NeuronRange,
  total: number,
): Rows {
  const indegrees = totalNumberIndegrees(input, projection, ends, range, total);
  return drawSources(input, projection, ends, range, indegrees, !projection.allowMultapses);
}

/** How many of the total end at each target of the range. */
export function totalNumberIndegrees(
  input: ExpandInput,
  projection: Projection,
  ends: Ends,
  range: NeuronRange,
  total: number,
): Uint32Array {
  const uniforms = new UniformSequence(input.seed, Stream.Split);
  const { sourceChoices, target } = ends;
  const distinct = !projection.allowMultapses;
  if (total > 0 && (sourceChoices === 0 || (distinct && total > sourceChoices * target.size))) {
    throw new GraphError(
      `${placeOf(input.graph, projection)}.N`,
      `found ${total}, expected at most ${sourceChoices * target.size}, the number of pairs`,
    );
  }
  const indegrees = new Uint32Array(range.end - range.begin);
  const rule: SplitRule = {
    capacity: distinct ? sourceChoices : undefined,
    uniformsOf: (node) => uniforms.begin(node, input.projection, 0),
    leafSize: 1,
  };
  splitOver({ node: 1, begin: 0, end: target.size }, total, range.begin, range.end, rule, (leaf, count) => {
    indegrees[leaf.begin - range.begin] = count;
  });
  return indegrees;
}

function drawSources(
  input: ExpandInput,
  projection: Projection,
  ends: Ends,
  range: NeuronRange,
  indegrees: Uint32Array,
  distinct: boolean,
): Rows {
  const { sourceChoices, skipSelf } = ends;
  const rowStart = startsOf(indegrees);
  const sources = new Uint32Array(rowStart[indegrees.length]);
  const chooser = new Chooser(input.seed, Stream.Sources, sourceChoices, distinct);
  for (let j = 0; j < indegrees.length; j++) {
    const target = range.begin + j;
    const count = indegrees[j];
    const at = rowStart[j];
    if (count === 0) continue;
    if (sourceChoices === 0 || (distinct && count > sourceChoices)) {
      throw new GraphError(
        placeOf(input.graph, projection),
        `${projection.name}: found ${count} synapses for a neuron, expected at most ${sourceChoices}: so many sources there are to choose from`,
      );
    }
    if (distinct) chooser.distinct(sources, at, count, sourceChoices, target, input.projection, 0);
    else chooser.any(sources, at, count, sourceChoices, target, input.projection, 0);
    if (skipSelf) skipOver(sources, at, at + count, target);
  }
  return { begin: range.begin, rowStart, sources };
}

/** Numbers among all but `self` become numbers among all. */
function skipOver(numbers: Uint32Array, from: number, to: number, self: number): void {
  for (let i = from; i < to; i++) if (numbers[i] >= self) numbers[i]++;
}

/**
 * Each source's synapses are split over the tree of targets down to leaves of about `LEAF_SYNAPSES`, and drawn there. A target's synapses
 * come in ascending order of sources.
 */
export function fixedOutdegree(
  input: ExpandInput,
  projection: Projection,
  ends: Ends,
  range: NeuronRange,
  outdegree: number,
): Rows {
  const { source, target, targetChoices, skipSelf } = ends;
  const distinct = !projection.allowMultapses;
  if (outdegree > 0 && (targetChoices === 0 || (distinct && outdegree > targetChoices))) {
    throw new GraphError(
      `${placeOf(input.graph, projection)}.outdegree`,
      `found ${outdegree}, expected at most ${targetChoices}: so many targets there are to choose from`,
    );
  }
  const expected = (source.size * outdegree * (range.end - range.begin)) / target.size;
  const sources = new Uint32List(expected * 1.05);
  const targets = new Uint32List(expected * 1.05);
  const leafSize = Math.max(1, Math.floor((LEAF_SYNAPSES * targetChoices) / Math.max(1, outdegree)));
  const uniforms = new UniformSequence(input.seed, Stream.Split);
  const chooser = new Chooser(input.seed, Stream.LeafTargets, Math.min(leafSize, targetChoices), distinct);
  let drawn = new Uint32Array(64);
  for (let s = 0; s < source.size; s++) {
    // Without itself, a source's targets are numbered 0 … size − 2.
    const from = skipSelf && range.begin > s ? range.begin - 1 : range.begin;
    const to = skipSelf && range.end > s ? range.end - 1 : range.end;
    const rule: SplitRule = {
      capacity: distinct ? 1 : undefined,
      uniformsOf: (node) => uniforms.begin(node, input.projection, s),
      leafSize,
    };
    splitOver({ node: 1, begin: 0, end: targetChoices }, outdegree, from, to, rule, (leaf, count) => {
      if (drawn.length < count) drawn = new Uint32Array(count * 2);
      const size = leaf.end - leaf.begin;
      if (distinct) chooser.distinct(drawn, 0, count, size, leaf.node, input.projection, s);
      else chooser.any(drawn, 0, count, size, leaf.node, input.projection, s);
      for (let i = 0; i < count; i++) {
        const place = leaf.begin + drawn[i];
        if (place < from || place >= to) continue;
        sources.push(s);
        targets.push(skipSelf && place >= s ? place + 1 : place);
      }
    });
  }
  return byTarget(range, sources.view(), targets.view());
}

/** Orders synapses by target, keeping the order of each target's. `elements` says where each came from, when asked for. */
export function byTarget(
  range: NeuronRange,
  sources: Uint32Array,
  targets: Uint32Array,
  numbers?: Uint32Array,
): Rows {
  const lengths = new Uint32Array(range.end - range.begin);
  for (let i = 0; i < targets.length; i++) lengths[targets[i] - range.begin]++;
  const rowStart = startsOf(lengths);
  const next = rowStart.slice();
  const sorted = new Uint32Array(targets.length);
  const elements = numbers === undefined ? undefined : new Uint32Array(targets.length);
  for (let i = 0; i < targets.length; i++) {
    const place = next[targets[i] - range.begin]++;
    sorted[place] = sources[i];
    if (elements !== undefined) elements[place] = (numbers as Uint32Array)[i];
  }
  return { begin: range.begin, rowStart, sources: sorted, elements };
}
