import { GraphError } from '../../graph/index.js';
import type { Edge, Network } from './network.js';

/**
 * Populations that zero-delay projections tie together, each group in topological order along them, groups in the graph's order.
 * @throws GraphError naming a cycle without delay
 */
export function zeroDelayGroups(network: Network): number[][] {
  const { nodes } = network;
  const edges = network.edges.filter((edge) => edge.zeroDelay);
  const group = nodes.map((_, i) => i);
  const find = (i: number): number => {
    let root = i;
    while (group[root] !== root) root = group[root];
    group[i] = root;
    return root;
  };
  for (const { source, target } of edges) {
    const [a, b] = [find(source), find(target)];
    group[Math.max(a, b)] = Math.min(a, b);
  }
  const members = new Map<number, number[]>();
  for (const node of affinityOrder(network)) {
    const root = find(node);
    members.set(root, [...(members.get(root) ?? []), node]);
  }
  return [...members].sort(([a], [b]) => a - b).map(([, list]) => list);
}

/**
 * One order of all populations in which zero-delay projections lead forward, and those that exchange much, with little delay, stand close:
 * of those that may come next, the one that is tied most to what came before it.
 * @throws GraphError naming a cycle without delay
 */
export function affinityOrder({ graph, nodes, edges }: Network): number[] {
  const waiting = nodes.map(() => 0);
  for (const edge of edges) if (edge.zeroDelay) waiting[edge.target]++;
  const ties: Edge[][] = nodes.map(() => []);
  for (const edge of edges) {
    ties[edge.source].push(edge);
    if (edge.target !== edge.source) ties[edge.target].push(edge);
  }
  const pull = new Float64Array(nodes.length);
  const placed = new Uint8Array(nodes.length);
  const order: number[] = [];
  while (order.length < nodes.length) {
    let next = -1;
    for (let i = 0; i < nodes.length; i++) {
      if (placed[i] === 1 || waiting[i] > 0) continue;
      if (next < 0 || pull[i] > pull[next]) next = i;
    }
    if (next < 0)
      throw cycleError(
        graph.populations.map((p) => p.name),
        edges,
        placed,
      );
    placed[next] = 1;
    order.push(next);
    // What was placed long ago is far away in the order.
    for (let i = 0; i < pull.length; i++) pull[i] *= 0.5;
    for (const edge of ties[next]) {
      const other = edge.source === next ? edge.target : edge.source;
      pull[other] += (edge.bounds.expectedSynapses + 1) / (edge.bounds.minDelaySteps + 1);
      if (edge.zeroDelay && edge.source === next) waiting[edge.target]--;
    }
  }
  return order;
}

function cycleError(names: readonly string[], edges: readonly Edge[], placed: Uint8Array): GraphError {
  // Every population that is left has a predecessor that is left: going back has to come round.
  const into = new Map<number, Edge>();
  for (const edge of edges) {
    if (edge.zeroDelay && placed[edge.source] === 0 && placed[edge.target] === 0 && !into.has(edge.target)) {
      into.set(edge.target, edge);
    }
  }
  const path: number[] = [];
  let at = [...into.keys()][0];
  while (!path.includes(at)) {
    path.push(at);
    at = (into.get(at) as Edge).source;
  }
  const cycle = [...path.slice(path.indexOf(at)), at].reverse();
  return new GraphError(
    `projections[${(into.get(cycle[1]) as Edge).index}].delay`,
    `found a cycle of projections without delay, ${cycle.map((i) => names[i]).join(' -> ')}, expected a delay of at least dt on one of them`,
  );
}
