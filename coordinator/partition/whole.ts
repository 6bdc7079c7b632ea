import type { Allocation, Piece, Setting } from './allocate.js';
import type { Network } from './network.js';

/** A federate may get this much more than its part for the sake of what belongs together. */
const SLACK = 1.1;

/**
 * Groups of populations as wholes: the costliest first, each to the federate that it exchanges most with among those that have room, or to
 * the emptiest. Nothing where that can't work: a group that is larger than a federate's part, placements inside a group, or limits.
 */
export function byWholePopulations(setting: Setting, groups: readonly (readonly number[])[]): Allocation[] {
  const { network, workers, pins } = setting;
  if (workers.some(({ capacity }) => capacity !== undefined)) return [];
  if (groups.some((group) => group.length > 1 && group.some((i) => pins[i] >= 0))) return [];
  const costs = groups.map((group) =>
    group.reduce((sum, i) => sum + network.nodes[i].cost * network.nodes[i].size, 0),
  );
  const open = workers.map((_, w) => w).filter((w) => workers[w].onlyPlaced !== true);
  if (open.length === 0) return [];
  const part = (costs.reduce((sum, cost) => sum + cost, 0) / open.length) * SLACK;
  if (groups.some((group, g) => costs[g] > part && pins[group[0]] < 0)) return [];
  const owner = new Int32Array(network.nodes.length).fill(-1);
  const load = new Float64Array(workers.length);
  const give = (g: number, worker: number): void => {
    load[worker] += costs[g];
    for (const i of groups[g]) owner[i] = worker;
  };
  const order = groups.map((_, g) => g).sort((a, b) => costs[b] - costs[a] || a - b);
  for (const g of order) if (pins[groups[g][0]] >= 0) give(g, pins[groups[g][0]]);
  for (const g of order) {
    if (owner[groups[g][0]] >= 0) continue;
    const ties = tiesOf(network, groups[g], owner, workers.length);
    const fitting = open.filter((w) => load[w] + costs[g] <= part);
    const best = (list: readonly number[], worse: (a: number, b: number) => boolean): number =>
      list.reduce((chosen, w) => (worse(chosen, w) ? w : chosen));
    if (fitting.some((w) => ties[w] > 0))
      give(
        g,
        best(fitting, (a, b) => ties[b] > ties[a]),
      );
    else
      give(
        g,
        best(open, (a, b) => load[b] < load[a]),
      );
  }
  return [
    network.nodes.map(({ index, size }): Piece[] =>
      size === 0 ? [] : [{ worker: owner[index], begin: 0, end: size }],
    ),
  ];
}

/** How much a group is tied to what each worker has: synapses, the more the less delay they have. */
function tiesOf(
  network: Network,
  group: readonly number[],
  owner: Int32Array,
  workers: number,
): Float64Array {
  const ties = new Float64Array(workers);
  for (const { source, target, bounds } of network.edges) {
    const inside = group.includes(source);
    if (inside === group.includes(target)) continue;
    const other = owner[inside ? target : source];
    if (other >= 0) ties[other] += (bounds.expectedSynapses + 1) / (bounds.minDelaySteps + 1);
  }
  return ties;
}
