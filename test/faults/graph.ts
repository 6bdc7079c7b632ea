import { type Graph, loadGraph } from '../../graph/index.js';

/** From the folder that the suite is started in, the project's. */
export const NETWORK = 'test/faults/network.nil.yaml';
let graph: Promise<Graph> | undefined;

export function readGraph(): Promise<Graph> {
  graph ??= loadGraph(NETWORK);
  return graph;
}
