import {
  checkSettings,
  formatTimeNs,
  type Graph,
  GraphError,
  InputError,
  type Plan,
  type RunSettings,
  validateGraph,
} from '../graph/index.js';
import { quantaOf } from '../nodes/index.js';
import { machineMemory } from './machine-memory.js';
import { checkOptions, type RunOptions } from './options.js';
import {
  checkMachine,
  checkNotResumed,
  partition,
  type WorkerSpec,
  withSoftware,
} from './partition/index.js';

/**
 * All checks that can be made before anything is started, and the plan: who owns what.
 * @throws InputError, GraphError: one line that says what is wrong and what would be right
 */
export function prepareRun(graph: Graph, settings: RunSettings, options: RunOptions): Plan {
  checkOptions(options);
  checkNotResumed(graph, options.resumed);
  validateGraph(graph);
  checkRunnable(graph, settings);
  const plan = options.plan ?? partition(graph, settings, { workers: workersFor(options) });
  const { saving, resumed } = options;
  if (saving?.everyNs !== undefined && saving.everyNs < settings.dtNs) {
    const found = `${formatTimeNs(saving.everyNs)} between checkpoints`;
    throw new InputError(
      'OPTION_INVALID',
      `found ${found}, expected at least a step of ${formatTimeNs(settings.dtNs)}`,
    );
  }
  return resumed === undefined ? plan : { ...plan, startNs: resumed.manifest.step * settings.dtNs };
}

/**
 * Whether all of a run fits on this machine: before any of it is built.
 * @throws RunError MEMORY_EXCEEDED
 */
export function checkFits(
  graph: Graph,
  plan: Plan,
  { threads = 1, memoryBytes }: RunOptions,
  where: 'embedded' | 'processes',
): void {
  const { bytes, of } = machineMemory();
  const limited = of === 'cgroup' ? 'the limit of its control group' : 'what this machine has';
  checkMachine(graph, plan, threads, {
    bytes: memoryBytes ?? bytes,
    said: memoryBytes === undefined ? limited : '--memory',
    processes: where === 'processes',
  });
}

/** Those for software, and the adapters. */
function workersFor({ workers = 1, placed }: RunOptions): number | readonly WorkerSpec[] {
  return placed === undefined ? workers : withSoftware(workers, placed.workers);
}

/**
 * Whether a valid graph can run with these settings: the grid of dt, cycles without delay, and bounds of what can arrive in one step.
 * @param options.file Named by the error.
 * @throws InputError, GraphError
 */
export function checkRunnable(
  graph: Graph,
  settings: RunSettings,
  options: { readonly file?: string } = {},
): void {
  checkSettings(graph, settings, options);
  const { file } = options;
  try {
    quantaOf(graph, settings.dtNs);
  } catch (error) {
    if (file === undefined || !(error instanceof GraphError)) throw error;
    throw new InputError(error.code, `${file}: ${error.message}`, { cause: error });
  }
}
