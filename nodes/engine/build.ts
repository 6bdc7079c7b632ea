import type { KernelData } from '../../graph/kernel/interpret.js';
import type { Plan } from '../../graph/plan.js';
import { isPlastic } from '../../graph/synapses/index.js';
import type { Graph } from '../../graph/types.js';
import { expandProjection } from '../connect/index.js';
import { Arena } from './arena.js';
import { bundle, type Wiring } from './bundle.js';
import { EmissionBuffer } from './emission.js';
import type { Engine } from './engine.js';
import { SpikeHistory } from './history.js';
import { channelSlices, Inbox } from './inbox.js';
import { type Block, type Layout, layoutOf, modelFor } from './layout.js';
import { levelsOf } from './levels.js';
import { bindNeurons } from './neurons.js';
import { type GroupDelivery, interpreted, type Numerics } from './numerics.js';
import { buildPlastic, type PlasticWiring, portBySign } from './plastic/build.js';
import { weightRecorders } from './plastic/recorders.js';
import { type Quanta, quantaOf } from './quantum.js';
import { samplersOf } from './samples.js';
import { buildSignalProjection, makeHistory, type SignalHistory, type SignalProjection } from './signals.js';
import { sinusoidalGammaGenerator, sinusoidalPoissonGenerator } from './sinusoidal.js';
import { type SliceBlock, SliceEngine } from './slice.js';
import { type Generator, isGraded, poissonGenerator, spikeListGenerator } from './sources.js';
import { type CurrentStimulus, currentStimuli, type PoissonStimulus, poissonStimuli } from './stimuli.js';
import { groupBytes, synapseCount } from './synapses.js';
import { weave } from './weave.js';

export interface EngineSpec {
  readonly graph: Graph;
  readonly plan: Plan;
  /** Position in `plan.federates`. */
  readonly federate: number;
  /** What runs the loops; the interpreter when absent. */
  readonly numerics?: Numerics;
}

/** A window longer than this isn't worth its buffers. */
const LONGEST_WINDOW_STEPS = 4096;

/**
 * Builds the engine of one federate: expands its incoming connectivity from the rules, lays out state, binds kernels.
 * @throws GraphError where a bound doesn't hold; RunError ENGINE_MEMORY where the partition is too big for one thread.
 */
export function buildEngine(spec: EngineSpec): Engine {
  const { graph, plan, federate } = spec;
  const arena = new Arena(`federate ${plan.federates[federate].name}`);
  const layout = layoutOf(graph, plan, federate);
  const quanta = quantaOf(graph, plan.dtNs);
  const connectivity = expandAll(spec, layout, quanta);
  const numerics = spec.numerics ?? interpreted;
  const { drawer } = numerics;
  const groups = bundle(connectivity.wirings, layout.portBase, drawer !== undefined).map((each) =>
    weave(arena, each, drawer),
  );
  const sums = arena.f64(layout.accumulators);
  const graded = graph.populations.some((_, p) => connectivity.sourceBase[p] >= 0 && isGraded(graph, p));
  const history = new SpikeHistory(arena, connectivity.longestDelay, graded);
  const deliveries = groups.map((group) => numerics.delivery(arena, sums, group, history));
  const plastic = connectivity.plastic.flatMap((wiring) =>
    buildPlastic(arena, sums, history, wiring, numerics.plastic, drawer).map((group) => ({
      group,
      target: layout.blocks.indexOf(wiring.block),
    })),
  );
  const blocks = layout.blocks.map((block, index) =>
    buildBlock(spec, numerics, arena, quanta, connectivity, sums, block, index),
  );
  const levels = levelsOf(graph, connectivity.zeroDelay);
  const ins = plan.channels.filter((channel) => channel.to === federate);
  const gradedHere = layout.blocks.some((block) => isGraded(graph, block.population));
  const signalBlocks = layout.blocks.filter((block) => block.model.emits === 'signal');
  return new SliceEngine({
    blocks,
    levels: [...new Set(levels)]
      .sort((a, b) => a - b)
      .map((l) => blocks.filter((b) => levels[b.block.population] === l)),
    history,
    deliveries,
    plastic,
    weightRecorders: weightRecorders(graph, plastic, plan.dtNs),
    immediateOf: immediateBySource(graph, connectivity.sourceBase, deliveries),
    sourceBase: connectivity.sourceBase,
    historyOf: connectivity.histories,
    inboxes: ins.map((channel) => new Inbox(channelSlices(channel.spikes), channelSlices(channel.signals))),
    lookaheadSteps: ins.map((channel) => channel.lookaheadNs / plan.dtNs),
    emission: new EmissionBuffer(
      gradedHere,
      signalBlocks.map((block) => block.size),
    ),
    facts: {
      neurons: layout.neurons,
      synapses:
        groups.reduce((sum, group) => sum + synapseCount(group), connectivity.signalSynapses) +
        plastic.reduce((sum, { group }) => sum + group.synapses, 0),
      synapseBytes:
        groups.reduce((sum, group) => sum + groupBytes(group), 0) +
        plastic.reduce((sum, { group }) => sum + group.bytes, 0),
      totalBytes: arena.bytes,
    },
    maxWindowSteps: LONGEST_WINDOW_STEPS,
  });
}

interface Connectivity {
  readonly wirings: readonly Wiring[];
  readonly plastic: readonly PlasticWiring[];
  readonly sourceBase: readonly number[];
  readonly histories: readonly (SignalHistory | undefined)[];
  /** By block, in the graph's order. */
  readonly signals: ReadonlyMap<Block, readonly SignalProjection[]>;
  readonly signalSynapses: number;
  readonly longestDelay: number;
  /** By projection: whether it has a synapse without delay, anywhere in the graph. */
  readonly zeroDelay: readonly boolean[];
}

function expandAll(spec: EngineSpec, layout: Layout, quanta: Quanta): Connectivity {
  const { graph, plan } = spec;
  const number = new Map(graph.populations.map((population, i) => [population.name, i]));
  const sourceBase = compactSources(graph, layout, number);
  const longestDelay = Math.max(1, ...quanta.bounds.map((bounds) => bounds.maxDelaySteps));
  const histories: (SignalHistory | undefined)[] = graph.populations.map(() => undefined);
  const wirings: Wiring[] = [];
  const plastic: PlasticWiring[] = [];
  const signals = new Map<Block, SignalProjection[]>();
  let signalSynapses = 0;
  graph.projections.forEach((projection, p) => {
    const target = number.get(projection.target) as number;
    const source = number.get(projection.source) as number;
    const block = layout.blockOf[target];
    if (block === undefined) return;
    const input = { graph, projection: p, seed: plan.seed, dtNs: plan.dtNs };
    if (modelFor(graph, source).emits === 'signal') {
      const columns = expandProjection(input, block);
      const history = histories[source] ?? makeHistory(graph.populations[source].size, longestDelay);
      histories[source] = history;
      const own = signals.get(block) ?? [];
      own.push(buildSignalProjection(history, columns, block.begin, block.size));
      signals.set(block, own);
      signalSynapses += columns.targets.length;
      return;
    }
    if (isPlastic(projection)) {
      const chosen = quanta.portOf(target, projection.receptor);
      const port = chosen === 'by_sign' ? portBySign(graph, projection) : chosen;
      const quantum = quanta.of[target][port];
      const sourceSize = graph.populations[source].size;
      plastic.push({ input, block, sourceBase: sourceBase[source], sourceSize, port, quantum });
      return;
    }
    wirings.push({
      input,
      block,
      sourceBase: sourceBase[source],
      sourceSize: graph.populations[source].size,
      port: quanta.portOf(target, projection.receptor),
      quanta: quanta.of[target],
      graded: isGraded(graph, source),
    });
  });
  const zeroDelay = quanta.bounds.map((bounds) => bounds.expectedSynapses > 0 && bounds.minDelaySteps === 0);
  return { wirings, plastic, sourceBase, histories, signals, signalSynapses, longestDelay, zeroDelay };
}

/** Numbers the neurons of all populations with synapses into this federate; −1 for the others. */
function compactSources(graph: Graph, layout: Layout, number: ReadonlyMap<string, number>): number[] {
  const needed = new Set<number>();
  for (const projection of graph.projections) {
    if (layout.blockOf[number.get(projection.target) as number] !== undefined) {
      needed.add(number.get(projection.source) as number);
    }
  }
  let next = 0;
  return graph.populations.map((population, p) => {
    if (!needed.has(p)) return -1;
    const base = next;
    next += population.size;
    return base;
  });
}

function buildBlock(
  spec: EngineSpec,
  numerics: Numerics,
  arena: Arena,
  quanta: Quanta,
  connectivity: Connectivity,
  sums: Float64Array,
  block: Block,
  index: number,
): SliceBlock {
  const { graph, plan } = spec;
  const { seed, dtNs } = plan;
  const currents: CurrentStimulus[] = currentStimuli(graph, block, plan);
  const signalInputs = connectivity.signals.get(block) ?? [];
  const poisson: PoissonStimulus[] = poissonStimuli(graph, block, plan, quanta, (input) =>
    numerics.poisson(arena, sums, input),
  );
  const neurons = bindNeurons({
    arena,
    graph,
    block,
    seed,
    dtMs: dtNs / 1e6,
    accumulators: sums,
    needsCurrent: currents.length + signalInputs.length > 0,
    numerics,
  });
  return {
    ...neurons,
    index,
    generator: generatorOf(graph, block, plan, neurons.data),
    poisson,
    currents,
    signalInputs,
    samplers: samplersOf(graph, block, neurons.data.columns, dtNs),
  };
}

function generatorOf(graph: Graph, block: Block, plan: Plan, data: KernelData): Generator | undefined {
  const parameter = (name: string): number | Float64Array => data.columns[name] ?? data.scalars[name];
  switch (block.model.source) {
    case 'spikes':
      return spikeListGenerator(graph, block, plan.dtNs, isGraded(graph, block.population));
    case 'poisson':
      return poissonGenerator(block, plan, parameter('rate'));
    case 'sinusoidal_poisson':
      return sinusoidalPoissonGenerator(block, plan, parameter);
    case 'sinusoidal_gamma':
      return sinusoidalGammaGenerator(block, plan, parameter, data.columns);
    case undefined:
      return undefined;
  }
}

function immediateBySource(
  graph: Graph,
  sourceBase: readonly number[],
  deliveries: readonly GroupDelivery[],
): (readonly GroupDelivery[])[] {
  const immediate = deliveries.filter(({ group }) => group.firstDelay === 0);
  return graph.populations.map((population, p) => {
    const begin = sourceBase[p];
    if (begin < 0) return [];
    const end = begin + population.size;
    return immediate.filter(({ group }) => group.firstSource < end && group.firstSource + group.rows > begin);
  });
}
