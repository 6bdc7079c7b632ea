/** Ways to divide a graph over federates that no partitioner would choose. */
import { channelsOf, crossingsOf, zeroLookaheadCycle } from '../../coordinator/partition/channels.js';
import { partition } from '../../coordinator/partition/index.js';
import { networkOf } from '../../coordinator/partition/network.js';
import type { Graph, Plan, RunSettings } from '../../graph/index.js';

/**
 * Cuts every population at its own places: `cuts[p]` are fractions of population p, ascending; `owners[p]` who gets the pieces, all
 * different. Undefined where federates would wait for each other without lookahead.
 */
export function cutPlan(
  graph: Graph,
  settings: RunSettings,
  federates: number,
  cuts: readonly (readonly number[])[],
  owners: readonly (readonly number[])[],
): Plan | undefined {
  const allocation = graph.populations.map(({ size }, p) => {
    const bounds = [0, ...cuts[p].map((cut) => Math.round(cut * size)), size];
    return owners[p]
      .slice(0, bounds.length - 1)
      .map((worker, i) => ({ worker, begin: bounds[i], end: bounds[i + 1] }))
      .filter(({ begin, end }) => begin < end);
  });
  const network = networkOf(graph, settings.dtNs, settings.durationNs);
  const channels = channelsOf(network, allocation, crossingsOf(network, allocation));
  if (zeroLookaheadCycle(channels, federates) !== undefined) return undefined;
  return {
    ...settings,
    federates: Array.from({ length: federates }, (_, index) => ({
      index,
      name: `f${index}`,
      slices: allocation.flatMap((pieces, population) =>
        pieces.filter(({ worker }) => worker === index).map(({ begin, end }) => ({ population, begin, end })),
      ),
    })),
    channels,
  };
}

/** The partitioner's own plan. */
export function workersPlan(graph: Graph, settings: RunSettings, workers: number): Plan {
  return partition(graph, settings, { workers });
}
