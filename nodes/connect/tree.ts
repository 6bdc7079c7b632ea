import { binomial, hypergeometric, type UniformSequence } from '../random/index.js';

/**
 * The binary tree over targets [0, size) that rules which count over all targets are split along. It depends on the size alone, so any
 * two owners walk the same nodes: node 1 is the root, node i has children 2i and 2i + 1, and [begin, end) is halved at the middle.
 */
export interface TreeNode {
  readonly node: number;
  readonly begin: number;
  readonly end: number;
}

export interface SplitRule {
  /** Chances of a target, without replacement; undefined with replacement. */
  readonly capacity: number | undefined;
  /** Uniforms that belong to a node. */
  readonly uniformsOf: (node: number) => UniformSequence;
  /** Nodes of at most this many targets aren't split. */
  readonly leafSize: number;
}

/**
 * Splits `count` synapses of a node over its two halves, and so on, until leaves; visits the leaves that have any and overlap
 * [from, to), in ascending order. Halves outside are counted and not entered.
 */
export function splitOver(
  place: TreeNode,
  count: number,
  from: number,
  to: number,
  rule: SplitRule,
  visit: (leaf: TreeNode, count: number) => void,
): void {
  const { node, begin, end } = place;
  if (count === 0 || end <= from || begin >= to) return;
  const size = end - begin;
  if (size <= rule.leafSize) {
    visit(place, count);
    return;
  }
  const middle = begin + Math.floor(size / 2);
  const left = splitCount(count, middle - begin, size, rule, node);
  splitOver({ node: 2 * node, begin, end: middle }, left, from, to, rule, visit);
  splitOver({ node: 2 * node + 1, begin: middle, end }, count - left, from, to, rule, visit);
}

function splitCount(count: number, leftSize: number, size: number, rule: SplitRule, node: number): number {
  const uniforms = rule.uniformsOf(node);
  const { capacity } = rule;
  if (capacity === undefined) return binomial(count, leftSize / size, uniforms);
  return hypergeometric(leftSize * capacity, (size - leftSize) * capacity, count, uniforms);
}
