import { binomial, hypergeometric, Stream, UniformSequence } from '../random/index.js';

/** What is being shared out over the targets of a projection. */
export interface Share {
  readonly seed: number;
  readonly projection: number;
  /** The source whose targets are drawn, or 2^32 − 1 where all synapses are shared out at once. */
  readonly source: number;
  /** Target that gets nothing (no autapses), or −1. */
  readonly excluded: number;
  /** Without: a target gets one at most. */
  readonly multapses: boolean;
}

export const ALL_SOURCES = 0xffffffff;

/**
 * Shares `count` synapses out over targets [0, size), uniformly, by splitting ranges in halves with a draw keyed by the range; visits
 * the targets in [begin, end) that get some. Owners of disjoint ranges find disjoint shares of the same whole without drawing each
 * other's.
 */
export function shareOut(
  share: Share,
  count: number,
  size: number,
  begin: number,
  end: number,
  visit: (target: number, count: number) => void,
): void {
  const descend = (node: number, low: number, high: number, n: number): void => {
    if (n === 0 || low >= end || high <= begin) return;
    if (high - low === 1) {
      visit(low, n);
      return;
    }
    const middle = (low + high) >>> 1;
    const left = splitCount(share, node, low, middle, high, n);
    descend(2 * node, low, middle, left);
    descend(2 * node + 1, middle, high, n - left);
  };
  descend(1, 0, size, count);
}

function splitCount(share: Share, node: number, low: number, middle: number, high: number, n: number): number {
  const left = eligible(share.excluded, low, middle);
  const all = left + eligible(share.excluded, middle, high);
  const uniforms = new UniformSequence(share.seed, Stream.Split).begin(node, share.projection, share.source);
  return share.multapses ? binomial(n, left / all, uniforms) : hypergeometric(left, all - left, n, uniforms);
}

function eligible(excluded: number, low: number, high: number): number {
  return high - low - (excluded >= low && excluded < high ? 1 : 0);
}
