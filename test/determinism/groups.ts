/** Synapses of an engine's groups as plain rows, and the same from the rules' listing. For tests. */
import type { Graph, Plan } from '../../graph/index.js';
import { expandProjection } from '../../nodes/connect/index.js';
import { Arena } from '../../nodes/engine/arena.js';
import { bundle, type Wiring } from '../../nodes/engine/bundle.js';
import { layoutOf } from '../../nodes/engine/layout.js';
import { quantaOf } from '../../nodes/engine/quantum.js';
import { isGraded } from '../../nodes/engine/sources.js';
import { roundTo, type SynapseGroup, targetAt, weightAt } from '../../nodes/engine/synapses.js';
import { type StrandDrawer, weave } from '../../nodes/engine/weave.js';

/** Source (counted over all populations), delay in steps, accumulator, weight, quantum of payloads. */
export type SynapseRow = readonly [
  source: number,
  delay: number,
  place: number,
  weight: number,
  quantum: number,
];

/** How the projections of spikes end in a federate; sources are counted over all populations. */
export function wiringsOf(graph: Graph, plan: Plan, federate: number): Wiring[] {
  const layout = layoutOf(graph, plan, federate);
  const quanta = quantaOf(graph, plan.dtNs);
  const numberOf = (name: string): number => graph.populations.findIndex((p) => p.name === name);
  const bases = graph.populations.map((_, p) =>
    graph.populations.slice(0, p).reduce((sum, { size }) => sum + size, 0),
  );
  return graph.projections.flatMap((projection, p): Wiring[] => {
    const source = numberOf(projection.source);
    const target = numberOf(projection.target);
    const block = layout.blockOf[target];
    if (block === undefined) return [];
    return [
      {
        input: { graph, projection: p, seed: plan.seed, dtNs: plan.dtNs },
        block,
        sourceBase: bases[source],
        sourceSize: graph.populations[source].size,
        port: quanta.portOf(target, projection.receptor),
        quanta: quanta.of[target],
        graded: isGraded(graph, source),
      },
    ];
  });
}

export function groupsOf(graph: Graph, plan: Plan, federate: number, drawer?: StrandDrawer): SynapseGroup[] {
  const { portBase } = layoutOf(graph, plan, federate);
  const arena = new Arena('test');
  return bundle(wiringsOf(graph, plan, federate), portBase, drawer !== undefined).map((each) =>
    weave(arena, each, drawer),
  );
}

/** In the group's own order: by source, then delay, then as placed. */
export function rowsOf(group: SynapseGroup): SynapseRow[] {
  const rows: SynapseRow[] = [];
  for (let row = 0; row < group.rows; row++) {
    for (let bin = 0; bin < group.bins; bin++) {
      const cell = row * group.bins + bin;
      for (let i = group.cells[cell]; i < group.cells[cell + 1]; i++) {
        rows.push([
          group.firstSource + row,
          group.firstDelay + bin,
          group.base + targetAt(group, i),
          // Zeros of either sign add nothing.
          weightAt(group, i) + 0,
          group.quantum,
        ]);
      }
    }
  }
  return rows;
}

/** What the groups have to hold, straight from the rules: port by sign, weight rounded, accumulator of the target. */
export function listedRows(graph: Graph, plan: Plan, federate: number): SynapseRow[] {
  return wiringsOf(graph, plan, federate).flatMap((wiring) => {
    const { block, sourceBase, graded } = wiring;
    const { sources, targets, weights, delaySteps } = expandProjection(wiring.input, block);
    return Array.from(targets, (target, i): SynapseRow => {
      const weight = typeof weights === 'number' ? weights : weights[i];
      const port = wiring.port === 'by_sign' ? (weight >= 0 ? 0 : 1) : wiring.port;
      const quantum = wiring.quanta[port];
      return [
        sourceBase + sources[i],
        typeof delaySteps === 'number' ? delaySteps : delaySteps[i],
        block.ports[port] + target - block.begin,
        roundTo(weight, quantum),
        graded ? quantum : 0,
      ];
    });
  });
}

export function sorted(rows: readonly SynapseRow[]): SynapseRow[] {
  return [...rows].sort((a, b) => {
    const differing = a.findIndex((x, i) => x !== b[i]);
    return differing < 0 ? 0 : a[differing] - b[differing];
  });
}
