import { modelOf } from '../../graph/models/index.js';
import type { Slice } from '../../graph/plan.js';
import type { Graph } from '../../graph/types.js';

export function isSignal(graph: Graph, slice: Slice): boolean {
  return modelOf(graph.populations[slice.population].model, graph)?.emits === 'signal';
}

/** Neurons of each signal slice, in order. */
export function signalWidthsOf(graph: Graph, slices: readonly Slice[]): number[] {
  return slices.filter((slice) => isSignal(graph, slice)).map((slice) => slice.end - slice.begin);
}
