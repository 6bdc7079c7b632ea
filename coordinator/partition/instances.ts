import type { Allocation, Piece } from './allocate.js';
import type { WorkerSpec } from './workers.js';

/**
 * What was given to the first of an adapter's instances, cut over all of them: each gets as many neurons as it can hold, in the graph's order.
 * A population has at most one piece on each.
 */
export function overInstances(allocation: Allocation, workers: readonly WorkerSpec[]): Allocation {
  const groups = instanceGroups(workers);
  if (groups.size === 0) return allocation;
  const room = new Map([...groups.keys()].map((first) => [first, { at: 0, used: 0 }]));
  return allocation.map((pieces) =>
    pieces.flatMap((piece): Piece[] => {
      const group = groups.get(piece.worker);
      const state = room.get(piece.worker);
      if (group === undefined || state === undefined) return [piece];
      const cut: Piece[] = [];
      let { begin } = piece;
      while (begin < piece.end) {
        const { instanceNeurons = Number.POSITIVE_INFINITY } = workers[group[state.at]];
        const take = Math.min(piece.end - begin, instanceNeurons - state.used);
        if (take > 0) cut.push({ worker: group[state.at], begin, end: begin + take });
        begin += take;
        state.used += take;
        if (state.used < instanceNeurons) continue;
        state.used = 0;
        state.at++;
      }
      return cut;
    }),
  );
}

/** Instances of each adapter that has several, by the first of them. */
function instanceGroups(workers: readonly WorkerSpec[]): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  workers.forEach(({ adapter, instanceNeurons }, first) => {
    if (adapter === undefined || instanceNeurons === undefined) return;
    if (workers.findIndex((other) => other.adapter === adapter) !== first) return;
    groups.set(
      first,
      [...workers.keys()].filter((w) => workers[w].adapter === adapter),
    );
  });
  return groups;
}
