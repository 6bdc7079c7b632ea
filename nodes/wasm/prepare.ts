import { kernelOf } from '../../graph/kernel/check.js';
import { switchesOf } from '../../graph/kernel/specialise.js';
import { modelOf } from '../../graph/models/index.js';
import type { Graph } from '../../graph/types.js';
import type { KernelModules } from './bind.js';
import { type KernelShape, shapeKey } from './shape.js';

/** Compiled kernels as bytes, by `shapeKey`: small, and sent to threads as they are. */
export type KernelBytes = ReadonlyMap<string, Uint8Array>;

/** Compiles the kernels of all populations of a graph. Loads the compiler (a third of a second) only here. */
export async function compileKernels(graph: Graph): Promise<KernelBytes> {
  const { compileKernel } = await import('./compile.js');
  const compiled = new Map<string, Uint8Array>();
  graph.populations.forEach((_, p) => {
    const model = modelOf(graph.populations[p].model);
    if (model === undefined) return;
    const kernel = kernelOf(model);
    const shape = populationShape(graph, p);
    const key = shapeKey(kernel, shape);
    if (!compiled.has(key)) compiled.set(key, compileKernel(kernel, shape));
  });
  return compiled;
}

export function modulesOf(bytes: KernelBytes): KernelModules {
  return new Map([...bytes].map(([key, code]) => [key, new WebAssembly.Module(code)]));
}

/** The shape that every block of the population has, known from the graph alone. */
export function populationShape(graph: Graph, population: number): KernelShape {
  const { name, model: modelName, params } = graph.populations[population];
  const model = modelOf(modelName);
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
    return modelOf(model)?.emits === 'signal';
  };
  return (
    graph.stimuli.some(
      (s) => s.target === name && (s.kind === 'step_current' || s.kind === 'noise_current'),
    ) || graph.projections.some((projection) => projection.target === name && isSignal(projection.source))
  );
}
