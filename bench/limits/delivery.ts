/** Our own delivery of spikes with the access patterns of `limits.c`: what the kernels make of what the machine can do. */
import type { Distribution, Graph, Population } from '../../graph/index.js';
import { buildEngine, compileKernels, modulesOf, wasmNumerics } from '../../nodes/index.js';

export interface DeliveryMeasured {
  readonly pattern: 'u16 const' | 'u16 f32';
  /** Synapses of a source's row, on average. */
  readonly row: number;
  readonly eventsPerSecond: number;
}

export interface DeliverySettings {
  readonly synapses: number;
  readonly accumulators: number;
  readonly seconds: number;
}

const DT_NS = 100_000;
const SEED = 1;
/** Events of one pass, as in the C program. */
const EVENTS = 20_000_000;
/** Spikes that a step has, as many as a busy step of a large network. */
const SPIKES_PER_STEP = 400;

type Numerics = ReturnType<typeof wasmNumerics>;
type Bound = Parameters<Numerics['delivery']>;
type Pull = ReturnType<Numerics['delivery']>['pull'];

/** One thread; the best pass counts. */
export async function measureDelivery(
  pattern: DeliveryMeasured['pattern'],
  row: number,
  { synapses, accumulators, seconds }: DeliverySettings,
): Promise<DeliveryMeasured> {
  const sources = Math.floor(synapses / row);
  const { history, pull } = await boundDelivery(graphOf(pattern, sources, accumulators, synapses));
  const steps = Math.max(1, Math.round(EVENTS / row / SPIKES_PER_STEP));
  const spikes = Array.from({ length: steps }, (_, step) => randomSources(sources, step));
  let best = 0;
  const until = performance.now() + 1000 * seconds;
  do {
    let events = 0;
    let ms = 0;
    for (const [step, list] of spikes.entries()) {
      history.begin(step);
      history.add(step, list, undefined, 0, list.length, 0);
      const began = performance.now();
      events += pull(step + 1);
      ms += performance.now() - began;
    }
    best = Math.max(best, (1000 * events) / ms);
  } while (performance.now() < until);
  return { pattern, row, eventsPerSecond: best };
}

async function boundDelivery(graph: Graph): Promise<{ readonly history: Bound[3]; readonly pull: Pull }> {
  const numerics = wasmNumerics(modulesOf(await compileKernels(graph)));
  const bound: { readonly history: Bound[3]; readonly pull: Pull }[] = [];
  buildEngine({
    graph,
    plan: {
      dtNs: DT_NS,
      durationNs: 10 * DT_NS,
      seed: SEED,
      federates: [
        {
          index: 0,
          name: 'all',
          slices: graph.populations.map(({ size }, population) => ({ population, begin: 0, end: size })),
        },
      ],
      channels: [],
    },
    federate: 0,
    numerics: {
      ...numerics,
      delivery: (...parts) => {
        const made = numerics.delivery(...parts);
        bound.push({ history: parts[3], pull: made.pull });
        return made;
      },
    },
  });
  if (bound.length !== 1) throw new RangeError(`${bound.length} groups of synapses where one was laid out`);
  return bound[0];
}

function graphOf(
  pattern: DeliveryMeasured['pattern'],
  sources: number,
  accumulators: number,
  synapses: number,
): Graph {
  const population = (
    name: string,
    model: string,
    size: number,
    params: Population['params'],
  ): Population => ({
    name,
    model,
    size,
    shape: [size],
    params,
    initial: {},
  });
  const drawn: Distribution = { kind: 'uniform', low: 0.05, high: 0.15 };
  return {
    name: pattern,
    populations: [
      population('sources', 'poisson_source', sources, { rate: 1 }),
      population('targets', 'iaf_psc_delta', accumulators, {}),
    ],
    projections: [
      {
        name: 'all',
        source: 'sources',
        target: 'targets',
        rule: { kind: 'fixed_indegree', indegree: Math.round(synapses / accumulators) },
        weight: pattern === 'u16 const' ? 0.1 : drawn,
        delayNs: DT_NS,
        allowAutapses: true,
        allowMultapses: true,
      },
    ],
    stimuli: [],
    recordings: [],
    defaults: {},
    metadata: {},
  };
}

/** The same for each measurement; which ones doesn't matter, only that they're spread. */
function randomSources(sources: number, step: number): Uint32Array {
  let state = step + 1;
  return Uint32Array.from({ length: SPIKES_PER_STEP }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sources);
  }).sort();
}
