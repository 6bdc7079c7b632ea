import { type Kernel, kernelOf } from '../../graph/kernel/check.js';
import { switchesOf } from '../../graph/kernel/specialise.js';
import { modelOf } from '../../graph/models/index.js';
import { isPlastic } from '../../graph/synapses/index.js';
import type { Graph } from '../../graph/types.js';
import { boundsOf } from '../connect/index.js';
import { boundProgramOf } from '../engine/plastic/build.js';
import type { KernelModules } from './bind.js';
import { type KernelShape, shapeKey } from './shape.js';
import { synapseKey } from './synapse/layout.js';

/** Compiled kernels as bytes, by `shapeKey`: small, and sent to threads as they are. */
export type KernelBytes = ReadonlyMap<string, Uint8Array>;

/** The kernels of all populations of a graph: compiled ahead where their shape is a usual one, compiled now where it isn't. */
export async function compileKernels(graph: Graph): Promise<KernelBytes> {
  const fromLibrary = await libraryOf();
  const compiled = new Map<string, Uint8Array>();
  for (const [p, population] of graph.populations.entries()) {
    const model = modelOf(population.model, graph);
    if (model === undefined) continue;
    const kernel = kernelOf(model);
    const shape = populationShape(graph, p);
    const key = shapeKey(kernel, shape);
    if (!compiled.has(key)) compiled.set(key, fromLibrary(key) ?? (await compileNow(kernel, shape)));
  }
  return compiled;
}

/** Synaptic events of synapses that change, beyond which compiling them takes less time than interpreting: at some 10 spikes a second each. */
const MANY_EVENTS = 3e6;
const ASSUMED_HZ = 10;

/** The kernels of synapses that change, where they are worth it; the rest is interpreted, with the same bits. */
export async function compileLearning(
  graph: Graph,
  { durationNs, dtNs }: { readonly durationNs: number; readonly dtNs: number },
): Promise<KernelBytes> {
  const plastic = graph.projections.filter(isPlastic);
  const synapses = plastic.reduce(
    (sum, projection) => sum + boundsOf(graph, projection, dtNs).expectedSynapses,
    0,
  );
  if ((synapses * ASSUMED_HZ * durationNs) / 1e9 < MANY_EVENTS) return new Map();
  const { compileSynapses } = await import('./synapse/compile.js');
  return new Map(
    plastic.map((projection) => {
      const program = boundProgramOf(graph, projection);
      const scheduled = projection.synapse.learning !== undefined;
      return [synapseKey(program, scheduled), compileSynapses(program, scheduled)];
    }),
  );
}

/** Whether some population's kernel isn't compiled ahead. */
export async function needsCompiler(graph: Graph): Promise<boolean> {
  const fromLibrary = await libraryOf();
  return graph.populations.some((population, p) => {
    const model = modelOf(population.model, graph);
    return (
      model !== undefined && fromLibrary(shapeKey(kernelOf(model), populationShape(graph, p))) === undefined
    );
  });
}

/** Only who prepares kernels for others loads hundreds of kilobytes of them. */
async function libraryOf(): Promise<(key: string) => Uint8Array | undefined> {
  return (await import('./library.js')).fromLibrary;
}

/** Loads the compiler (a third of a second) only here. */
async function compileNow(kernel: Kernel, shape: KernelShape): Promise<Uint8Array> {
  const { compileKernel } = await import('./compile.js');
  return compileKernel(kernel, shape);
}

export function modulesOf(bytes: KernelBytes): KernelModules {
  return new Map([...bytes].map(([key, code]) => [key, new WebAssembly.Module(code)]));
}

/** The shape that every block of the population has, known from the graph alone. */
export function populationShape(graph: Graph, population: number): KernelShape {
  const { name, model: modelName, params } = graph.populations[population];
  const model = modelOf(modelName, graph);
  if (model === undefined) throw new RangeError(`no model "${modelName}"`);
  const kernel = kernelOf(model);
  const varying = Object.keys(model.parameters).filter(
    (parameter) => typeof (params[parameter] ?? 0) !== 'number',
  );
  const constants = varying.length > 0 ? model.constants : [];
  const columns = [...kernel.parameters, ...kernel.constants].filter(
    (each) => varying.includes(each) || constants.includes(each),
  );
  const switches = Object.fromEntries(
    [...switchesOf(kernel)]
      .filter((each) => !varying.includes(each))
      .map((each) => [each, (params[each] as number | undefined) ?? model.parameters[each].default ?? 0]),
  );
  return { columns, switches, hasCurrent: hasCurrent(graph, name), hasOutput: model.emits === 'signal' };
}

function hasCurrent(graph: Graph, name: string): boolean {
  const isSignal = (source: string): boolean => {
    const model = graph.populations.find((population) => population.name === source)?.model ?? '';
    return modelOf(model, graph)?.emits === 'signal';
  };
  return (
    graph.stimuli.some(
      ({ target, kind }) =>
        target === name && (kind === 'step_current' || kind === 'ac_current' || kind === 'noise_current'),
    ) || graph.projections.some((projection) => projection.target === name && isSignal(projection.source))
  );
}
