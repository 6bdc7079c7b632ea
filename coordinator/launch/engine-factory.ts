import type { Graph } from '../../graph/index.js';
import {
  buildEngine,
  buildThreadedEngine,
  compileKernels,
  type Engine,
  type EngineInput,
  modulesOf,
  wasmNumerics,
} from '../../nodes/index.js';

/** Below this many neuron updates, interpreting is done before the compiler is loaded. */
const WORTH_COMPILING = 2e7;

/** The engine for an assignment: of one thread, or of as many as it asks for; compiled where that pays. Both give the same bits. */
export async function engineFactory({ graph, plan, federate, threads }: EngineInput): Promise<Engine> {
  const compile = updatesOf(graph, plan.durationNs / plan.dtNs) >= WORTH_COMPILING;
  const kernels = compile ? await compileKernels(graph) : undefined;
  const numerics = kernels === undefined ? undefined : wasmNumerics(modulesOf(kernels));
  if (threads === 1) return buildEngine({ graph, plan, federate, numerics });
  return buildThreadedEngine({ graph, plan, federate, threads, numerics, kernels });
}

function updatesOf(graph: Graph, steps: number): number {
  return steps * graph.populations.reduce((sum, population) => sum + population.size, 0);
}
