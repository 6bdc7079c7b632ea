import type { Graph } from '../../graph/index.js';
import {
  buildEngine,
  buildThreadedEngine,
  compileKernels,
  compileLearning,
  type Engine,
  type EngineInput,
  type KernelBytes,
  modulesOf,
  needsCompiler,
  threadClock,
  timedBuild,
  wasmNumerics,
} from '../../nodes/index.js';

/** Below this many neuron updates, interpreting is done before the compiler is loaded; kernels compiled ahead don't need it. */
const WORTH_COMPILING = 2e7;

/** The kernels for a run, compiled once and sent to all threads; undefined where it pays to interpret. Both give the same bits. */
export async function kernelsFor(
  graph: Graph,
  { durationNs, dtNs }: { readonly durationNs: number; readonly dtNs: number },
): Promise<KernelBytes | undefined> {
  const neurons = graph.populations.reduce((sum, population) => sum + population.size, 0);
  const worthIt = (neurons * durationNs) / dtNs >= WORTH_COMPILING || !(await needsCompiler(graph));
  const learning = await compileLearning(graph, { durationNs, dtNs });
  if (!worthIt && learning.size === 0) return undefined;
  return new Map([...(await compileKernels(graph)), ...learning]);
}

/** The engine for an assignment: of one thread, or of as many as it asks for. */
export async function engineFactory(
  { graph, plan, federate, threads, profile }: EngineInput,
  kernels: KernelBytes | undefined,
): Promise<Engine> {
  const numerics = kernels === undefined ? undefined : wasmNumerics(modulesOf(kernels));
  if (threads > 1) return buildThreadedEngine({ graph, plan, federate, threads, numerics, kernels, profile });
  return timedBuild(threadClock(profile, 0), (timed) =>
    buildEngine({ graph, plan, federate, numerics: timed }),
  )(numerics);
}
