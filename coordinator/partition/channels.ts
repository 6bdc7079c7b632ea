import type { ChannelPlan, Slice } from '../../graph/index.js';
import { type SynapseBlock, synapseBlocks } from '../../nodes/connect/index.js';
import type { Allocation } from './allocate.js';
import type { Network } from './network.js';

/** What a projection sends from one federate to another (or within one). */
export interface Crossing extends SynapseBlock {
  readonly edge: number;
}

/** Where every projection's synapses fall; `from` and `to` are workers. */
export function crossingsOf(network: Network, allocation: Allocation): Crossing[] {
  const { graph, dtNs } = network;
  const parts = allocation.map((pieces) =>
    pieces.map(({ worker, begin, end }) => ({ owner: worker, begin, end })),
  );
  return network.edges.flatMap(({ index, projection, source, target }) =>
    synapseBlocks(graph, projection, dtNs, parts[source], parts[target]).map((block) => ({
      ...block,
      edge: index,
    })),
  );
}

/** More than there can be. */
const FEDERATES = 2 ** 20;

/** One channel for each pair of federates with a synapse that could cross; by sender, then receiver. */
export function channelsOf(
  network: Network,
  allocation: Allocation,
  crossings: readonly Crossing[],
): ChannelPlan[] {
  const { nodes, edges, dtNs } = network;
  const pairs = new Map<number, { from: number; to: number; steps: number; sources: Set<number> }>();
  for (const { edge, from, to, minDelaySteps } of crossings) {
    const { source } = edges[edge];
    if (from === to || nodes[source].emits === 'none') continue;
    const key = from * FEDERATES + to;
    const pair = pairs.get(key) ?? { from, to, steps: Number.POSITIVE_INFINITY, sources: new Set<number>() };
    pair.steps = Math.min(pair.steps, minDelaySteps);
    pair.sources.add(source);
    pairs.set(key, pair);
  }
  const sliceOf = (population: number, worker: number): Slice => {
    const piece = allocation[population].find((candidate) => candidate.worker === worker);
    if (piece === undefined)
      throw new RangeError('a channel carries a population that its sender does not have');
    return { population, begin: piece.begin, end: piece.end };
  };
  return [...pairs.values()]
    .sort((a, b) => a.from - b.from || a.to - b.to)
    .map(({ from, to, steps, sources }) => {
      const carried = [...sources].sort((a, b) => a - b);
      const slices = (kind: 'spike' | 'signal'): Slice[] =>
        carried.filter((p) => nodes[p].emits === kind).map((p) => sliceOf(p, from));
      return {
        from,
        to,
        lookaheadNs: steps * dtNs,
        spikes: slices('spike'),
        signals: slices('signal'),
        graded: carried.some((p) => nodes[p].emits === 'spike' && nodes[p].graded),
      };
    });
}

/** Federates on a cycle of channels whose total lookahead is 0; undefined when there is none, as it has to be. */
export function zeroLookaheadCycle(
  channels: readonly ChannelPlan[],
  federates: number,
): number[] | undefined {
  const zero = channels.filter(({ lookaheadNs }) => lookaheadNs === 0);
  const left = new Set(Array.from({ length: federates }, (_, i) => i));
  for (let changed = true; changed; ) {
    changed = false;
    for (const federate of left) {
      if (zero.some(({ from, to }) => to === federate && left.has(from))) continue;
      left.delete(federate);
      changed = true;
    }
  }
  return left.size === 0 ? undefined : [...left];
}
