import { formatNumber } from '../coordinator/results/index.js';
import { type Graph, type ModelSpec, models, type Population } from '../graph/index.js';
import { buildEngine, compileKernels, type Engine, modulesOf, wasmNumerics } from '../nodes/index.js';
import { type Bench, type BenchReport, type BenchSettings, machine, table } from './bench.js';

export const modelsBench: Bench = {
  name: 'models',
  summary: "nanoseconds for each model's update of one neuron, interpreted and compiled",
  options: ['repeats'],
  run: measureModels,
};

export interface ModelFigures {
  readonly model: string;
  readonly interpretedNs: number;
  readonly compiledNs: number;
  /** Spikes in a neuron and step: the branch that costs. */
  readonly spikesPerUpdate: number;
}

const DT_NS = 100_000;
const SEED = 1;
/** Neurons and steps of one measurement. */
const COMPILED = { neurons: 10_000, steps: 1000 };
const INTERPRETED = { neurons: 1000, steps: 300 };

async function measureModels(
  { repeats = 5 }: BenchSettings,
  note: (line: string) => void,
): Promise<BenchReport> {
  const figures: ModelFigures[] = [];
  for (const model of models.values()) {
    if (model.source !== undefined) continue;
    figures.push(await measureModel(model, repeats));
    note(`${model.name}: ${formatNumber(figures[figures.length - 1].compiledNs)} ns compiled`);
  }
  const rows = figures.map((f) => [
    f.model,
    f.compiledNs,
    f.interpretedNs,
    f.interpretedNs / f.compiledNs,
    f.spikesPerUpdate,
  ]);
  return {
    json: { name: 'models', dtNs: DT_NS, models: figures, machine: machine() },
    text: table(['model', 'compiled ns', 'interpreted ns', 'ratio', 'spikes/update'], rows),
  };
}

async function measureModel(model: ModelSpec, repeats: number): Promise<ModelFigures> {
  const large = graphOf(model, COMPILED.neurons);
  const numerics = wasmNumerics(modulesOf(await compileKernels(large)));
  const compiled = measure(large, COMPILED.steps, repeats, numerics);
  const interpreted = measure(graphOf(model, INTERPRETED.neurons), INTERPRETED.steps, repeats);
  return {
    model: model.name,
    interpretedNs: interpreted.ns,
    compiledNs: compiled.ns,
    spikesPerUpdate: compiled.spikesPerUpdate,
  };
}

/** The fastest of `repeats`, on one engine that goes on. */
function measure(
  graph: Graph,
  steps: number,
  repeats: number,
  numerics?: ReturnType<typeof wasmNumerics>,
): { readonly ns: number; readonly spikesPerUpdate: number } {
  const [{ size }] = graph.populations;
  const engine = engineOf(graph, numerics);
  // The interpreter is compiled by the JavaScript engine, which wants to see it run first.
  advance(engine, steps);
  let ms = Number.POSITIVE_INFINITY;
  let spikes = 0;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const began = performance.now();
    spikes += advance(engine, steps);
    ms = Math.min(ms, performance.now() - began);
  }
  return { ns: (ms * 1e6) / (steps * size), spikesPerUpdate: spikes / (repeats * steps * size) };
}

function advance(engine: Engine, steps: number): number {
  let spikes = 0;
  for (const end = engine.step + steps; engine.step < end; ) {
    spikes += engine.advance(Math.min(end, engine.step + 100)).spikes.neurons.length;
  }
  return spikes;
}

function engineOf(graph: Graph, numerics?: ReturnType<typeof wasmNumerics>): Engine {
  const slices = graph.populations.map(({ size }, population) => ({ population, begin: 0, end: size }));
  const federates = [{ index: 0, name: 'all', slices }];
  const plan = { dtNs: DT_NS, durationNs: 1e15, seed: SEED, federates, channels: [] };
  return buildEngine({ graph, plan, federate: 0, numerics });
}

/** One population without input, driven by a constant current strong enough to fire. */
function graphOf(model: ModelSpec, size: number): Graph {
  const params: Record<string, number> = {};
  const leaks = Object.keys(model.parameters).some((name) => name.startsWith('tau'));
  for (const [name, { unit, default: usual }] of Object.entries(model.parameters)) {
    if (name === 'I_e') params[name] = 400;
    else if (name === 'bias') params[name] = leaks ? 1.2 : 0.01;
    else if (usual === undefined) params[name] = unit === 's' ? 0.01 : 1;
  }
  const population: Population = { name: 'all', model: model.name, size, shape: [size], params, initial: {} };
  return {
    name: model.name,
    populations: [population],
    projections: [],
    stimuli: [],
    recordings: [],
    defaults: {},
    metadata: {},
  };
}
