import { type Graph, modelOf, type Plan, type Projection } from '../../graph/index.js';
import { isPlastic, synapseModelOf } from '../../graph/synapses/index.js';
import { synapseBlocks } from '../../nodes/connect/index.js';
import { windowCadence } from '../../nodes/sync/index.js';
import { buffersOf, embeddedBytes, type FederateMemory, runtimeBytes, totalBytes } from './memory.js';
import { ASSUMED_RATE_HZ, type Edge, type Network, networkOf } from './network.js';
import { emptyFederates } from './partition.js';

/** What a plan holds and would cost. Plain data. */
export interface Inspection {
  readonly graph: string;
  readonly dtNs: number;
  readonly durationNs: number;
  readonly neurons: number;
  /** Expected where drawn. */
  readonly synapses: number;
  /** Estimated: of neurons and synapses. */
  readonly bytes: number;
  /** Estimated, with all else that it takes: as threads of one process, and as workers of their own. */
  readonly embeddedBytes: number;
  readonly workersBytes: number;
  readonly populations: readonly PopulationFacts[];
  readonly projections: readonly ProjectionFacts[];
  readonly federates: readonly FederateFacts[];
  readonly channels: readonly ChannelFacts[];
  /** Synapses whose ends are on different federates, and their part of all. */
  readonly cutSynapses: number;
  readonly cutFraction: number;
  /** Smallest of any channel; undefined without channels. */
  readonly lookaheadNs?: number;
  /** Names of federates without neurons. */
  readonly empty: readonly string[];
  /** Rate that events per second assume where nothing better is known. */
  readonly assumedRateHz: number;
}

export interface PopulationFacts {
  readonly name: string;
  readonly model: string;
  readonly size: number;
  /** How the model's equations are solved, where it is made of equations. */
  readonly method?: string;
  readonly incomingSynapses: number;
}

export interface ProjectionFacts {
  readonly name: string;
  readonly source: string;
  readonly target: string;
  readonly rule: string;
  readonly synapses: number;
  /** Whether the rule fixes the number. */
  readonly exact: boolean;
  readonly minDelayNs: number;
  readonly maxDelayNs: number;
}

export interface FederateFacts {
  readonly name: string;
  readonly neurons: number;
  readonly synapses: number;
  /** Estimated: of neurons and synapses. */
  readonly bytes: number;
  readonly memory: FederateMemory;
  /** Estimated share of all work. */
  readonly load: number;
  readonly slices: readonly { readonly population: string; readonly begin: number; readonly end: number }[];
}

export interface ChannelFacts {
  readonly from: string;
  readonly to: string;
  readonly lookaheadNs: number;
  /** Synapses from neurons of the sender to neurons of the receiver. */
  readonly synapses: number;
  /** Neurons whose spikes or values travel. */
  readonly neurons: number;
  readonly eventsPerSecond: number;
  /** Continuous values. */
  readonly valuesPerSecond: number;
}

/** @param threads Of each federate */
export function inspectPlan(
  graph: Graph,
  plan: Plan,
  assumedRateHz = ASSUMED_RATE_HZ,
  threads = 1,
): Inspection {
  const { dtNs, durationNs } = plan;
  const network = networkOf(graph, dtNs, durationNs, assumedRateHz);
  const counts = countSynapses(network, plan);
  const synapses = counts.byEdge.reduce((sum, count) => sum + count, 0);
  const channels = channelFacts(network, plan, counts);
  const federates = federateFacts(network, plan, counts, channels, threads);
  const memories = federates.map(({ memory }) => memory);
  const cutSynapses = channels.reduce((sum, channel) => sum + channel.synapses, 0);
  const lookaheads = channels.map((channel) => channel.lookaheadNs);
  return {
    graph: graph.name,
    dtNs,
    durationNs,
    neurons: graph.populations.reduce((sum, { size }) => sum + size, 0),
    synapses,
    bytes: federates.reduce((sum, { bytes }) => sum + bytes, 0),
    embeddedBytes: embeddedBytes(memories),
    workersBytes: memories.reduce((sum, memory) => sum + totalBytes(memory), 0),
    populations: graph.populations.map(({ name, model, size }, p) => ({
      name,
      model,
      size,
      ...methodOf(graph, model),
      incomingSynapses: sumWhere(network, counts, ({ target }) => target === p),
    })),
    projections: network.edges.map((edge) => projectionFacts(edge, counts.byEdge[edge.index], dtNs)),
    federates,
    channels,
    cutSynapses,
    cutFraction: synapses === 0 ? 0 : cutSynapses / synapses,
    lookaheadNs: lookaheads.length === 0 ? undefined : Math.min(...lookaheads),
    empty: emptyFederates(plan),
    assumedRateHz,
  };
}

function methodOf(graph: Graph, model: string): { readonly method?: string } {
  const method = modelOf(model, graph)?.method;
  return method === undefined ? {} : { method };
}

interface Counts {
  readonly byEdge: readonly number[];
  /** By edge and receiver. */
  readonly into: readonly Float64Array[];
  /** By sender and receiver: sender × federates + receiver. */
  readonly between: Float64Array;
}

function countSynapses({ graph, edges, dtNs }: Network, plan: Plan): Counts {
  const count = plan.federates.length;
  const parts = graph.populations.map((_, population) =>
    plan.federates.flatMap(({ index, slices }) =>
      slices
        .filter((slice) => slice.population === population)
        .map(({ begin, end }) => ({ owner: index, begin, end })),
    ),
  );
  const between = new Float64Array(count * count);
  const into = edges.map(({ projection, source, target }) => {
    const own = new Float64Array(count);
    for (const block of synapseBlocks(graph, projection, dtNs, parts[source], parts[target])) {
      own[block.to] += block.synapses;
      between[block.from * count + block.to] += block.synapses;
    }
    return own;
  });
  // The means of blocks are fractions; what they add up to is whole but for the last bits.
  const byEdge = into.map((own, e) => {
    const sum = own.reduce((a, b) => a + b, 0);
    return isExact(edges[e].projection) ? Math.round(sum) : sum;
  });
  return { byEdge, into, between };
}

function sumWhere(network: Network, counts: Counts, include: (edge: Edge) => boolean): number {
  return network.edges.reduce((sum, edge) => sum + (include(edge) ? counts.byEdge[edge.index] : 0), 0);
}

function isExact({ rule }: Projection): boolean {
  return rule.kind !== 'fixed_probability' || rule.p === 0 || rule.p === 1;
}

function projectionFacts({ projection, bounds }: Edge, synapses: number, dtNs: number): ProjectionFacts {
  const { name, source, target, rule } = projection;
  return {
    name,
    source,
    target,
    rule: rule.kind,
    synapses,
    exact: isExact(projection),
    minDelayNs: bounds.minDelaySteps * dtNs,
    maxDelayNs: bounds.maxDelaySteps * dtNs,
  };
}

function federateFacts(
  network: Network,
  plan: Plan,
  counts: Counts,
  channels: readonly ChannelFacts[],
  threads: number,
): FederateFacts[] {
  const cadence = windowCadence(plan);
  const rates = channels.map((channel, i) => ({
    ...channel,
    batchesPerSecond: 1e9 / (cadence[plan.channels[i].from] * plan.dtNs),
  }));
  const { nodes, graph } = network;
  const loads = plan.federates.map(({ slices }) =>
    slices.reduce((sum, { population, begin, end }) => sum + (end - begin) * nodes[population].cost, 0),
  );
  const work = loads.reduce((sum, load) => sum + load, 0);
  const memories = plan.federates.map(({ index }) => ({
    ...engineBytes(network, plan, index, counts),
    ...buffersOf(plan, index, rates),
    runtime: runtimeBytes(threads),
  }));
  return plan.federates.map(({ index, name, slices }) => ({
    name,
    neurons: slices.reduce((sum, { begin, end }) => sum + end - begin, 0),
    synapses: counts.into.reduce((sum, own) => sum + own[index], 0),
    bytes: memories[index].neurons + memories[index].synapses,
    memory: memories[index],
    load: work === 0 ? 0 : loads[index] / work,
    slices: slices.map(({ population, begin, end }) => ({
      population: graph.populations[population].name,
      begin,
      end,
    })),
  }));
}

/** Columns as the engine keeps them: state and parameters, sums and what waits for its delay, synapses by source. */
function engineBytes(
  network: Network,
  plan: Plan,
  federate: number,
  counts: Counts,
): Pick<FederateMemory, 'neurons' | 'synapses'> {
  const { graph, edges } = network;
  const depth = 1 + Math.max(1, ...edges.map(({ bounds }) => bounds.maxDelaySteps));
  let neurons = 0;
  let synapseBytes = 0;
  for (const { population, begin, end } of plan.federates[federate].slices) {
    const { model: name, params } = graph.populations[population];
    const model = modelOf(name, graph);
    const varying = Object.values(params).filter((value) => typeof value !== 'number').length;
    const constants = varying === 0 ? 0 : (model?.constants.length ?? 0);
    const columns =
      Object.keys(model?.state ?? {}).length + varying + constants + (model?.ports.length ?? 0) * depth;
    neurons += (end - begin) * (8 * columns + 4);
  }
  for (const { index, projection, source, target, bounds } of edges) {
    const synapses = counts.into[index][federate];
    if (synapses === 0) continue;
    const rows = network.nodes[source].size;
    const delays = bounds.maxDelaySteps - bounds.minDelaySteps + 1;
    if (isPlastic(projection)) {
      const targets = plan.federates[federate].slices
        .filter(({ population }) => population === target)
        .reduce((sum, { begin, end }) => sum + end - begin, 0);
      synapseBytes += plasticBytes(graph, projection.synapse.model, {
        synapses,
        cells: rows * delays,
        targets,
        ringSpikes: ringSpikes(bounds),
      });
      continue;
    }
    const { weight, rule, delayNs } = projection;
    const stated = weight instanceof Float64Array || rule.kind === 'dense' || rule.kind === 'conv';
    const weightBytes = stated ? 8 : typeof weight === 'number' ? 0 : 4;
    const segments = typeof delayNs === 'number' ? 0 : Math.min(synapses, rows * delays);
    synapseBytes += synapses * (2 + weightBytes) + 4 * (rows + 1) + 6 * segments;
  }
  return { neurons: Math.round(neurons), synapses: Math.round(synapseBytes) };
}

/** Spikes that a target's ring has room for before it grows (`nodes/engine/plastic/rings.ts`). */
function ringSpikes({ maxDelaySteps }: Edge['bounds']): number {
  return 2 ** Math.ceil(Math.log2(Math.min(64, Math.max(16, 2 * (maxDelaySteps + 1)))));
}

/** Of synapses that change (`nodes/engine/plastic/memory.ts`): each its target, weight and variables; each cell and each target its own. */
function plasticBytes(
  graph: Graph,
  model: string,
  count: Readonly<Record<'synapses' | 'cells' | 'targets' | 'ringSpikes', number>>,
): number {
  const { variables = {}, source, target } = synapseModelOf(graph, model) ?? {};
  const columns = (of: object | undefined): number => 8 * Object.keys(of ?? {}).length;
  return (
    count.synapses * (2 + 8 + columns(variables)) +
    count.cells * (8 + columns(source?.variables)) +
    count.targets * (8 + count.ringSpikes * (4 + columns(target?.variables)))
  );
}

function channelFacts({ nodes, dtNs }: Network, plan: Plan, { between }: Counts): ChannelFacts[] {
  const { federates } = plan;
  return plan.channels.map(({ from, to, lookaheadNs, spikes, signals }) => ({
    from: federates[from].name,
    to: federates[to].name,
    lookaheadNs,
    synapses: between[from * federates.length + to],
    neurons: [...spikes, ...signals].reduce((sum, { begin, end }) => sum + end - begin, 0),
    eventsPerSecond: spikes.reduce(
      (sum, { population, begin, end }) => sum + (end - begin) * nodes[population].rateHz,
      0,
    ),
    valuesPerSecond: signals.reduce((sum, { begin, end }) => sum + (end - begin) * (1e9 / dtNs), 0),
  }));
}
