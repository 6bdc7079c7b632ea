import { RunError } from '../../graph/errors.js';
import type { Graph } from '../../graph/types.js';

/**
 * The order in which populations are updated within a step: population p's level is above that of every population with a zero-delay
 * projection to it, so that what happens in a step reaches them in the same step. Without zero delays, all are at level 0.
 */
export function levelsOf(graph: Graph, zeroDelay: readonly boolean[]): readonly number[] {
  const number = new Map(graph.populations.map((population, i) => [population.name, i]));
  const edges = graph.projections.flatMap((projection, i) =>
    zeroDelay[i] ? [[number.get(projection.source) as number, number.get(projection.target) as number]] : [],
  );
  const levels = graph.populations.map(() => 0);
  for (let round = 0; round <= graph.populations.length; round++) {
    let changed = false;
    for (const [from, to] of edges) {
      if (levels[to] > levels[from]) continue;
      levels[to] = levels[from] + 1;
      changed = true;
    }
    if (!changed) return levels;
  }
  throw new RunError('ZERO_DELAY_CYCLE', 'projections without delay form a cycle; give one of them a delay');
}
