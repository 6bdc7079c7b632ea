/** From a graph's file and the command line's options to what is run. */
import { parseAdapterOption } from '../adapters/index.js';
import { checkRunnable } from '../coordinator/index.js';
import {
  applySets,
  type Graph,
  InputError,
  inputTarget,
  loadGraph,
  loadInput,
  type RunSettings,
  splitLoadSets,
  withAdapters,
  withInput,
} from '../graph/index.js';
import { type NetworkOptions, splitInput } from './options.js';

export interface Network {
  readonly graph: Graph;
  readonly settings: RunSettings;
}

const DEFAULT_DT_NS = 100_000;
const DEFAULT_DURATION_NS = 1_000_000_000;
const DEFAULT_SEED = 1;

/**
 * Step, duration and seed are the command line's, else the graph's, else these defaults; without a duration the run is as long as its
 * input.
 * @throws InputError with the one line that says what is wrong
 */
export async function loadNetwork(path: string, options: NetworkOptions): Promise<Network> {
  const { sets, ...load } = splitLoadSets(options.set ?? []);
  const loaded = applySets(await loadGraph(path, { dtNs: options.dt, ...load }), sets);
  const read = withAdapters(loaded, (options.adapter ?? []).map(parseAdapterOption));
  const { defaults } = read;
  const dtNs = options.dt ?? defaults.dtNs ?? DEFAULT_DT_NS;
  const durationNs = options.duration ?? defaults.durationNs;
  const { graph, steps } = await withInputs(read, options.input ?? [], { dtNs, durationNs });
  const settings = {
    dtNs,
    durationNs: durationNs ?? (steps === 0 ? wholeSteps(DEFAULT_DURATION_NS, dtNs) : steps * dtNs),
    seed: options.seed ?? defaults.seed ?? DEFAULT_SEED,
  };
  checkRunnable(graph, settings, { file: path });
  return { graph, settings };
}

function wholeSteps(ns: number, dtNs: number): number {
  return Math.ceil(ns / dtNs) * dtNs;
}

async function withInputs(
  read: Graph,
  inputs: readonly string[],
  settings: { readonly dtNs: number; readonly durationNs?: number },
): Promise<{ readonly graph: Graph; readonly steps: number }> {
  let graph = read;
  let steps = 0;
  const fed = new Set<string>();
  for (const text of inputs) {
    const { name, file } = splitInput(text);
    const population = inputTarget(graph, name);
    if (fed.has(population.name)) {
      throw new InputError(
        'INPUT_TARGET',
        `--input ${text}: found a second input of '${population.name}', expected one`,
      );
    }
    fed.add(population.name);
    const input = await loadInput(file, population, settings);
    graph = withInput(graph, input.stimulus);
    steps = Math.max(steps, input.steps);
  }
  return { graph, steps };
}
