import type { NeuronRange, Rule } from '../../graph/types.js';
import { log } from '../../graph/math.js';
import { Stream, uniform52 } from '../random/index.js';
import type { ColumnBuilder } from './columns.js';
import { below, TargetWords } from './draws.js';
import type { Ends } from './expand.js';
import { ALL_SOURCES, shareOut } from './splits.js';

/** The rules that draw: semantics and names are NEST's (connection management). */
export function randomRule(ends: Ends, range: NeuronRange, columns: ColumnBuilder): void {
  const { rule } = ends.projection;
  if (rule.kind === 'fixed_probability') fixedProbability(ends, rule.p, range, columns);
  else if (rule.kind === 'fixed_indegree') fixedIndegree(ends, rule.indegree, range, columns);
  else if (rule.kind === 'fixed_total_number') fixedTotalNumber(ends, rule.n, range, columns);
  else if (rule.kind === 'fixed_outdegree') fixedOutdegree(ends, rule.outdegree, range, columns);
  else throw unexpected(rule);
}

function unexpected(rule: Rule): RangeError {
  return new RangeError(`rule ${rule.kind} draws nothing`);
}

/** How many sources a target may choose from, and the source that number i of them is. */
function candidates(ends: Ends): { readonly count: number; readonly sourceAt: (i: number, target: number) => number } {
  if (!ends.excludeSelf) return { count: ends.sources, sourceAt: (i) => i };
  return { count: ends.sources - 1, sourceAt: (i, target) => (i >= target ? i + 1 : i) };
}

/** Each pair with probability p: the gaps between a target's sources are geometric, one draw each. */
function fixedProbability(ends: Ends, p: number, range: NeuronRange, columns: ColumnBuilder): void {
  if (p <= 0) return;
  const { count, sourceAt } = candidates(ends);
  const words = new TargetWords(ends.seed, Stream.Sources, ends.number);
  const logMiss = p < 1 ? log(1 - p) : 0;
  for (let t = range.begin; t < range.end; t++) {
    let draw = 0;
    for (let i = 0; ; i++) {
      if (p < 1) {
        const high = words.word(t, 2 * draw);
        const u = uniform52(high, words.word(t, 2 * draw + 1));
        draw++;
        i += Math.floor(log(u) / logMiss);
      }
      if (i >= count) break;
      columns.add(sourceAt(i, t), t, 0);
    }
  }
}

function fixedIndegree(ends: Ends, indegree: number, range: NeuronRange, columns: ColumnBuilder): void {
  const { count, sourceAt } = candidates(ends);
  const words = new TargetWords(ends.seed, Stream.Sources, ends.number);
  for (let t = range.begin; t < range.end; t++) {
    if (ends.projection.allowMultapses) {
      for (let k = 0; k < indegree; k++) columns.add(sourceAt(below(words.word(t, k), count), t), t, 0);
    } else {
      for (const i of distinct(words, t, indegree, count)) columns.add(sourceAt(i, t), t, 0);
    }
  }
}

/** Floyd's sampling: `wanted` distinct numbers below `count` with one draw each, every set equally likely. */
function distinct(words: TargetWords, target: number, wanted: number, count: number): Set<number> {
  const chosen = new Set<number>();
  for (let k = 0; k < wanted; k++) {
    const last = count - wanted + k;
    const i = below(words.word(target, k), last + 1);
    chosen.add(chosen.has(i) ? last : i);
  }
  return chosen;
}

/** n synapses over all pairs: shared out over the targets first, then each target draws its sources. */
function fixedTotalNumber(ends: Ends, n: number, range: NeuronRange, columns: ColumnBuilder): void {
  const { count, sourceAt } = candidates(ends);
  const words = new TargetWords(ends.seed, Stream.Sources, ends.number);
  const share = { seed: ends.seed, projection: ends.number, source: ALL_SOURCES, excluded: -1, multapses: true };
  shareOut(share, n, ends.targets, range.begin, range.end, (target, indegree) => {
    for (let k = 0; k < indegree; k++) columns.add(sourceAt(below(words.word(target, k), count), target), target, 0);
  });
}

function fixedOutdegree(ends: Ends, outdegree: number, range: NeuronRange, columns: ColumnBuilder): void {
  for (let source = 0; source < ends.sources; source++) {
    const share = {
      seed: ends.seed,
      projection: ends.number,
      source,
      excluded: ends.excludeSelf ? source : -1,
      multapses: ends.projection.allowMultapses,
    };
    shareOut(share, outdegree, ends.targets, range.begin, range.end, (target, count) => {
      for (let k = 0; k < count; k++) columns.add(source, target, 0);
    });
  }
}
